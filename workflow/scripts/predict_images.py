"""Draw the images of the test set from its parameters."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.prediction import predict_images
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params, output = snakemake.params, snakemake.output
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    made = provenance.of(snakemake)
    predict_images(
        samples,
        snakemake.input.model,
        ranges=Ranges(**params.ranges),
        path=output.predictions,
        made=made,
    )
