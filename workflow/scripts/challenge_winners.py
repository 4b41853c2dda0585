"""Relax tilted winners and random starts of some sets of one twist angle."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import SHARD
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.pipeline import jobs
from moirespin.states.robustness import challenge_winners

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
states = netcdf.join(SHARD, list(snakemake.input.shards), "set")
states = states.isel(set=slice(params.sets["count"]))
trials = challenge_winners(states, params.trials, params.model, snakemake.resources.lanes)
netcdf.write(CHALLENGE, trials, snakemake.output.trials, provenance.of(snakemake))
