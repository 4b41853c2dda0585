"""Average the regression errors along each parameter and each boundary distance."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.analysis import profile_regression
from moirespin.schemas.images import DATASET
from moirespin.schemas.scores import PROFILES, REGRESSION_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(REGRESSION_SCORES, snakemake.input.scores)
params = snakemake.params
# Opened, not loaded: the images are most of the file and are not needed.
with dataset.opened(DATASET, snakemake.input.dataset) as samples:
    profiles = profile_regression(scores, samples, params.bins, params.ranges)
dataset.write(PROFILES, profiles, snakemake.output.profiles, origin.of(snakemake))
