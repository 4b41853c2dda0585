"""Average the errors of generated images along each parameter and each boundary distance."""

from typing import TYPE_CHECKING

from moirespin.analysis.scores import profile_generator
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import GENERATOR_SCORES, PROFILES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(GENERATOR_SCORES, snakemake.input.scores)
params = snakemake.params
# Opened, not loaded: the images are most of the file and are not needed.
with netcdf.opened(DATASET, snakemake.input.dataset) as samples:
    profiles = profile_generator(scores, samples, params.bins, Ranges(**params.ranges))
netcdf.write(PROFILES, profiles, snakemake.output.profiles, provenance.of(snakemake))
