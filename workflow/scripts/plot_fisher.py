"""Draw the Fisher information of the images beside the networks' errors."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fisher, style
from moirespin.schemas.beyond import ERROR_ALIGNMENT, FISHER
from moirespin.schemas.states import PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
information = dataset.read(FISHER, snakemake.input.fisher)
alignment = dataset.read(ERROR_ALIGNMENT, snakemake.input.alignment)
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
figure, table = fisher.draw(information, alignment, lines)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
