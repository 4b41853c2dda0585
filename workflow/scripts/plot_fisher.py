"""Draw the Fisher information of the images beside the networks' errors."""

from typing import TYPE_CHECKING

from moirespin.figures import fisher, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.beyond import ERROR_ALIGNMENT, FISHER
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
information = netcdf.read(FISHER, snakemake.input.fisher)
alignment = netcdf.read(ERROR_ALIGNMENT, snakemake.input.alignment)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
figure, table = fisher.draw(information, alignment, lines)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
