"""Relax tilted winners and random starts of some sets of one twist angle."""

from typing import TYPE_CHECKING

import xarray as xr

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.trials import CHALLENGE_OF_ANGLE
from moirespin.pipeline import jobs
from moirespin.states.gathering import plan_shards, read_shard
from moirespin.states.robustness import challenge_winners
from moirespin.states.sweep import Shard

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
cuts = [Shard(**shard) for shard in params.sets["shards"]]
shards = plan_shards(list(snakemake.input.shards), cuts, params.sweep, params.model["seed"])
states = xr.concat(map(read_shard, shards), dim="set", join="exact", combine_attrs="drop")
states = states.isel(set=slice(params.sets["count"]))
trials = challenge_winners(states, params.trials, params.model, snakemake.resources.lanes)
netcdf.write(CHALLENGE_OF_ANGLE, trials, snakemake.output.trials, provenance.of(snakemake))
