"""Examine the order of the NCD-MD transition at some twist angles."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from moirespin.io import csv_tables, provenance
from moirespin.pipeline import jobs
from moirespin.solver.relaxation import Solver
from moirespin.states.phase_lines import BEYOND_THE_BOX
from moirespin.states.phases import Thresholds
from moirespin.states.settings import build_model, read_material
from moirespin.states.transition_order import examine_transition

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_simulation(snakemake)

params, model = snakemake.params, snakemake.params.model
lowest, highest = np.multiply(BEYOND_THE_BOX, params.sweep["exchange_mev"])
smallest, largest = params.sweep["anisotropy_mev"]
# Closer at small anisotropy, as the phase lines.
share = np.linspace(0, 1, params.transition["anisotropy_points"]) ** 2
anisotropy = smallest + share * (largest - smallest)
tables = []
for twist_index in params.transition["twist_indices"]:
    _, couplings = build_model(twist_index, read_material(model))
    found = examine_transition(
        twist_index,
        couplings,
        anisotropy_mev=anisotropy,
        exchange_mev=(float(lowest), float(highest)),
        thresholds=Thresholds(**model["phases"]),
        solver=Solver(**model["relax"]),
        rounds=params.rounds,
        lanes=snakemake.resources.lanes,
    )
    logger.info("m = %d: %d points of the line", twist_index, len(found))
    tables.append(found)
csv_tables.write(
    pd.concat(tables, ignore_index=True), snakemake.output.table, provenance.of(snakemake)
)
