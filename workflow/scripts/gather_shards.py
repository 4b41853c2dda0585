"""Gather all sets of the sweep, without their spins, and classify them."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.pipeline import jobs
from moirespin.states.gathering import gather_shards, plan_sweep
from moirespin.states.phases import Thresholds
from moirespin.states.settings import read_sweep

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
params = snakemake.params
shards = plan_sweep(list(snakemake.input.shards), read_sweep(params.sweep), params.seed)
diagram = gather_shards(shards, Thresholds(**params.thresholds))
counts = {name: int((diagram["phase"] == n).sum()) for n, name in enumerate(netcdf.PHASES)}
logger.info("%d sets: %s", diagram.sizes["set"], counts)
netcdf.write(PHASE_DIAGRAM, diagram, snakemake.output.phase_diagram, made=provenance.of(snakemake))
