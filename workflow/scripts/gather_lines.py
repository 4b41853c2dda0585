"""Join the phase lines of all twist angles."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.pipeline import jobs
from moirespin.states.gathering import gather_lines
from moirespin.states.parameter_space import Box

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
params = snakemake.params
lines = gather_lines(list(snakemake.input.lines), params.twist["indices"], Box(**params.sweep))
netcdf.write(PHASE_LINES, lines, snakemake.output.lines, made=provenance.of(snakemake))
