"""Train the network that estimates all parameters at once."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.joint_network import train_joint
from moirespin.learning.networks import annotate
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    train_joint(
        samples,
        params.shape,
        params.training,
        params.ranges,
        params.seed,
        snakemake.output.model,
        params.code,
    )
annotate(snakemake.output.model, ranges=params.ranges, made=provenance.of(snakemake))
