"""Draw figure 11: order parameters and phase of every parameter set."""

from typing import TYPE_CHECKING

from moirespin.figures import fig11, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
diagram = netcdf.read(PHASE_DIAGRAM, snakemake.input.diagram)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
figure, table = fig11.draw(diagram, lines, **snakemake.params.options)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
