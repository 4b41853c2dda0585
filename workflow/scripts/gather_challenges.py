"""Join the tested ground states of all twist angles."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
trials = netcdf.join(CHALLENGE, list(snakemake.input.trials), "set")
netcdf.write(CHALLENGE, trials, snakemake.output.trials, provenance.of(snakemake))
