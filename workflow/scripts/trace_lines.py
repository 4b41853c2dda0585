"""Trace the phase lines of one twist angle."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.states import PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start_simulation(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.simulate import trace_lines  # noqa: E402

params = snakemake.params
lines = trace_lines(
    params.twist["index"], params.sweep, params.points, params.model, snakemake.resources.lanes
)
dataset.write(PHASE_LINES, lines, snakemake.output.lines, origin.of(snakemake))
