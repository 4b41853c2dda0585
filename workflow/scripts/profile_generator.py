"""Average the errors of generated images along each parameter and each boundary distance."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.analysis import profile_generator
from moirespin.schemas.images import DATASET
from moirespin.schemas.scores import GENERATOR_SCORES, PROFILES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(GENERATOR_SCORES, snakemake.input.scores)
params = snakemake.params
# Opened, not loaded: the images are most of the file and are not needed.
with dataset.opened(DATASET, snakemake.input.dataset) as samples:
    profiles = profile_generator(scores, samples, params.bins, params.ranges)
dataset.write(PROFILES, profiles, snakemake.output.profiles, origin.of(snakemake))
