"""Trace the phase lines of one twist angle."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import LINES_OF_ANGLE
from moirespin.pipeline import jobs
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_space import Box
from moirespin.states.phase_lines import LinePoints, trace_lines
from moirespin.states.phases import Thresholds
from moirespin.states.settings import read_material

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params, model = snakemake.params, snakemake.params.model
lines = trace_lines(
    params.twist["index"],
    box=Box(**params.sweep),
    points=LinePoints(**params.points),
    material=read_material(model),
    thresholds=Thresholds(**model["phases"]),
    solver=Solver(**model["relax"]),
    lanes=snakemake.resources.lanes,
)
netcdf.write(LINES_OF_ANGLE, lines, snakemake.output.lines, made=provenance.of(snakemake))
