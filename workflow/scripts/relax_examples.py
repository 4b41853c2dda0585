"""Relax the examples of figure 2, and map the interlayer exchange that they live in."""

from typing import TYPE_CHECKING

import numpy as np

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import EXCHANGE_MAP, SHARD
from moirespin.pipeline import jobs
from moirespin.states.exchange_map import map_exchange
from moirespin.states.parameter_sets import simulate_sets
from moirespin.states.settings import read_recipe

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_simulation(snakemake)

params, recipe = snakemake.params, read_recipe(snakemake.params.model)
twist_index = params.examples["twist_index"]
chosen = [params.examples[name.lower()] for name in netcdf.PHASES]
parameters = np.array([[one["exchange_mev"], one["anisotropy_mev"]] for one in chosen])
numbers = np.arange(len(parameters))
examples = simulate_sets(
    twist_index, numbers, parameters, recipe=recipe, lanes=snakemake.resources.lanes
)
logger.info("layer magnetisations: %s", examples["magnetization"].values.round(3).tolist())
netcdf.write(SHARD, examples, snakemake.output.examples, made=provenance.of(snakemake))
exchange = map_exchange(twist_index, recipe.material)
netcdf.write(EXCHANGE_MAP, exchange, snakemake.output.exchange, made=provenance.of(snakemake))
