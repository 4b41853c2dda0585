"""Average the errors of generated images along each parameter and each boundary distance."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.analysis import profile_generator

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read("generator_scores", snakemake.input.scores)
params = snakemake.params
# Opened, not loaded: the images are most of the file and are not needed.
with dataset.opened("dataset", snakemake.input.dataset) as samples:
    profiles = profile_generator(scores, samples, params.bins, params.ranges)
dataset.write("profiles", profiles, snakemake.output.profiles)
