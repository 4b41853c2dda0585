"""Relax the parameter sets of one shard."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.states import SHARD

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start_simulation(
    snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu")
)
# Imported here: JAX reads the number of threads once.
from moirespin.simulate import simulate_shard  # noqa: E402

params = snakemake.params
shard = simulate_shard(params.shard, params.sweep, params.model, snakemake.resources.lanes)
missed = int((shard["converged"] == 0).sum())
logger.info("%d sets, %d not converged", shard.sizes["set"], missed)
dataset.write(SHARD, shard, snakemake.output.shard, origin.of(snakemake))
