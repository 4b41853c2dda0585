"""Trace the phase lines of one twist angle."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import LINES_OF_ANGLE
from moirespin.pipeline import jobs
from moirespin.states.simulation import trace_lines

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
lines = trace_lines(
    params.twist["index"], params.sweep, params.points, params.model, snakemake.resources.lanes
)
netcdf.write(LINES_OF_ANGLE, lines, snakemake.output.lines, provenance.of(snakemake))
