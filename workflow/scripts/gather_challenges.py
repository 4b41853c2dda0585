"""Join the tested ground states of all twist angles."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.pipeline import jobs
from moirespin.states.gathering import gather_challenges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
params = snakemake.params
trials = gather_challenges(list(snakemake.input.trials), params.twist["indices"])
netcdf.write(CHALLENGE, trials, snakemake.output.trials, made=provenance.of(snakemake))
