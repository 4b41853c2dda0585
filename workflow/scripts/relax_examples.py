"""Relax the examples of figure 2, and map the interlayer exchange that they live in."""

from typing import TYPE_CHECKING

import numpy as np

from moirespin import dataset, origin, runtime
from moirespin.schemas.states import EXCHANGE_MAP, SHARD

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start_simulation(
    snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu")
)
from moirespin.simulate import map_exchange, simulate_sets  # noqa: E402

params, model = snakemake.params, snakemake.params.model
twist_index = params.examples["twist_index"]
chosen = [params.examples[name.lower()] for name in dataset.PHASES]
parameters = np.array([[one["exchange_mev"], one["anisotropy_mev"]] for one in chosen])
numbers = np.arange(len(parameters))
examples = simulate_sets(twist_index, numbers, parameters, model, snakemake.resources.lanes)
logger.info("layer magnetisations: %s", examples["magnetization"].values.round(3).tolist())
dataset.write(SHARD, examples, snakemake.output.examples, origin.of(snakemake))
exchange = map_exchange(twist_index, model["lattice"], model["exchange"])
dataset.write(EXCHANGE_MAP, exchange, snakemake.output.exchange, origin.of(snakemake))
