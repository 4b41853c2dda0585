"""Draw the Fisher information of the images beside the networks' errors."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.figures import fisher, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
information = dataset.read("fisher", snakemake.input.fisher)
alignment = dataset.read("error_alignment", snakemake.input.alignment)
lines = dataset.read("phase_lines", snakemake.input.lines)
figure, table = fisher.draw(information, alignment, lines)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
)
