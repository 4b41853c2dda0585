"""Relax domain states whose patches are split between the layers, at some twist angles."""

from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from moirespin.io import csv_tables, provenance
from moirespin.pipeline import jobs
from moirespin.solver.relaxation import Solver
from moirespin.states.gathering import plan_shards, read_shard
from moirespin.states.mixed_layers import split_domains
from moirespin.states.parameter_space import Box
from moirespin.states.phases import DOMAIN, Thresholds, classify
from moirespin.states.settings import read_material
from moirespin.states.sweep import Shard

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_simulation(snakemake)

params, model = snakemake.params, snakemake.params.model
cuts = [Shard(**shard) for shard in params.sets["shards"]]
planned = plan_shards(
    list(snakemake.input.shards), cuts, Box(**params.sweep), seed=params.model["seed"]
)
tables = []
for twist_index in dict.fromkeys(shard.twist_index for shard in planned):
    found: list[xr.Dataset] = []
    for shard in planned:
        missing = params.sets["count"] - sum(part.sizes["set"] for part in found)
        if shard.twist_index == twist_index and missing:
            states = read_shard(shard)
            phase = classify(states["magnetization"].values, Thresholds(**model["phases"]))
            found.append(states.isel(set=phase == DOMAIN).isel(set=slice(missing)))
    # Where the sites are does not depend on the set.
    states = xr.concat(found, dim="set", data_vars="minimal", join="exact", combine_attrs="drop")
    if not states.sizes["set"]:
        logger.info("m = %d: no domain state", twist_index)
        continue
    tables.append(
        split_domains(
            states,
            read_material(model),
            solver=Solver(**model["relax"]),
            lanes=snakemake.resources.lanes,
        )
    )
    logger.info("m = %d\n%s", twist_index, tables[-1].to_string(index=False))
if not tables:
    raise ValueError("no set of mixed_layers.twist_indices has domains: name smaller angles")
table = pd.concat(tables, ignore_index=True)
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
