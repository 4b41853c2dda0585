"""Gather all sets of the sweep, without their spins, and classify them."""

from typing import TYPE_CHECKING

from moirespin.images.image_set import gather_shards
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
diagram = gather_shards(list(snakemake.input.shards), snakemake.params.thresholds)
counts = {name: int((diagram["phase"] == n).sum()) for n, name in enumerate(netcdf.PHASES)}
logger.info("%d sets: %s", diagram.sizes["set"], counts)
netcdf.write(PHASE_DIAGRAM, diagram, snakemake.output.phase_diagram, provenance.of(snakemake))
