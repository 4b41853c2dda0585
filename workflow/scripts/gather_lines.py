"""Join the phase lines of all twist angles."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
lines = netcdf.join(PHASE_LINES, list(snakemake.input.lines), "twist")
netcdf.write(PHASE_LINES, lines, snakemake.output.lines, provenance.of(snakemake))
