"""Relax tilted winners and random starts of some sets of one twist angle."""

from typing import TYPE_CHECKING

import xarray as xr

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import SITES
from moirespin.io.schemas.trials import CHALLENGE_OF_ANGLE
from moirespin.pipeline import jobs
from moirespin.solver.relaxation import Solver
from moirespin.states.gathering import plan_shards, read_shard
from moirespin.states.parameter_space import Box
from moirespin.states.phases import Thresholds
from moirespin.states.robustness import Trials, challenge_winners
from moirespin.states.settings import read_material
from moirespin.states.sweep import Shard

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params, model = snakemake.params, snakemake.params.model
cuts = [Shard(**shard) for shard in params.sets["shards"]]
shards = plan_shards(
    list(snakemake.input.shards), cuts, Box(**params.sweep), seed=params.model["seed"]
)
# Where the sites are does not depend on the set.
parts = [read_shard(shard).drop_vars(SITES) for shard in shards]
states = xr.concat(parts, dim="set", join="exact", combine_attrs="drop")
states = states.isel(set=slice(params.sets["count"]))
trials = challenge_winners(
    states,
    Trials(**params.trials),
    read_material(model),
    solver=Solver(**model["relax"]),
    thresholds=Thresholds(**model["phases"]),
    seed=model["seed"],
    lanes=snakemake.resources.lanes,
)
netcdf.write(CHALLENGE_OF_ANGLE, trials, snakemake.output.trials, made=provenance.of(snakemake))
