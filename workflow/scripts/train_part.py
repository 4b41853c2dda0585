"""Train the network of one Hamiltonian parameter on a part of the training set."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import annotate
from moirespin.learning.paper_networks import train_regressor
from moirespin.learning.training_subset import first_samples
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    train_regressor(
        first_samples(samples, params.part["fraction"], params.seed),
        params.target["parameter"],
        params.widths,
        params.training,
        params.ranges,
        params.seed,
        snakemake.output.model,
        params.code,
    )
annotate(snakemake.output.model, ranges=params.ranges, made=provenance.of(snakemake))
