"""Train the network that draws images from parameters."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import annotate
from moirespin.learning.paper_networks import train_generator
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    train_generator(
        samples,
        params.pixels["generator"],
        params.shape,
        params.training,
        params.ranges,
        params.seed,
        snakemake.output.model,
        params.code,
    )
annotate(snakemake.output.model, ranges=params.ranges, made=provenance.of(snakemake))
