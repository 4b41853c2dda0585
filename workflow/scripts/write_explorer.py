"""Write the page that draws textures by the run's texture model, with the run's sets and lines."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.pages import explorer
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
explorer.write(
    snakemake.output.page,
    snakemake.input.model,
    magnet=snakemake.params.magnet,
    sets=netcdf.read(PHASE_DIAGRAM, snakemake.input.sets),
    lines=netcdf.read(PHASE_LINES, snakemake.input.lines),
    name=snakemake.config["run"],
    named=snakemake.input.model,
    made=provenance.of(snakemake),
)
