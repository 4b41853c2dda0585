"""Relax tilted winners and random starts of some sets of one twist angle."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.states import SHARD
from moirespin.schemas.trials import CHALLENGE

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start_simulation(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.challenge import challenge_winners  # noqa: E402

params = snakemake.params
states = dataset.join(SHARD, list(snakemake.input.shards), "set")
states = states.isel(set=slice(params.sets["count"]))
trials = challenge_winners(states, params.trials, params.model, snakemake.resources.lanes)
dataset.write(CHALLENGE, trials, snakemake.output.trials, origin.of(snakemake))
