"""Draw the images of the test set from its parameters."""

from typing import TYPE_CHECKING

from moirespin import origin, packed, runtime
from moirespin.schemas.images import DATASET

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.predictions import predict_images  # noqa: E402

params, output = snakemake.params, snakemake.output
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    made = origin.of(snakemake)
    predict_images(samples, snakemake.input.model, params.ranges, output.predictions, made)
