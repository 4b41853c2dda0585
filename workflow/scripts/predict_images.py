"""Draw the images of the test set from its parameters."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], threads=snakemake.threads)
from moirespin.predictions import predict_images  # noqa: E402

samples = dataset.read("dataset", snakemake.input.dataset)
predictions = predict_images(samples, snakemake.input.model, snakemake.params.ranges)
dataset.write("image_predictions", predictions, snakemake.output.predictions)
