"""Average the regression errors along each parameter and each boundary distance."""

from typing import TYPE_CHECKING

from moirespin.analysis.scores import profile_regression
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import PROFILES, REGRESSION_SCORES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(REGRESSION_SCORES, snakemake.input.scores)
params = snakemake.params
# Opened, not loaded: the images are most of the file and are not needed.
with netcdf.opened(DATASET, snakemake.input.dataset) as samples:
    profiles = profile_regression(scores, samples, params.bins, Ranges(**params.ranges))
netcdf.write(PROFILES, profiles, snakemake.output.profiles, provenance.of(snakemake))
