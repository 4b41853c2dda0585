"""Relax the parameter sets of one shard."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import SHARD
from moirespin.pipeline import jobs
from moirespin.states.parameter_sets import simulate_shard
from moirespin.states.parameter_space import Box
from moirespin.states.settings import read_recipe

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_simulation(snakemake)

params = snakemake.params
shard = simulate_shard(
    params.shard["twist_index"],
    range(params.shard["start"], params.shard["stop"]),
    Box(**params.sweep),
    recipe=read_recipe(params.model),
    lanes=snakemake.resources.lanes,
)
missed = int((shard["converged"] == 0).sum())
logger.info("%d sets, %d not converged", shard.sizes["set"], missed)
netcdf.write(SHARD, shard, snakemake.output.shard, made=provenance.of(snakemake))
