"""Estimate the parameters of the test set from its images by the joint network."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, packed, runtime
from moirespin.schemas.images import DATASET, PARAMETER_PREDICTIONS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.joint import predict_joint  # noqa: E402

with packed.opened(DATASET, snakemake.input.dataset) as samples:
    predictions = predict_joint(samples, snakemake.input.model, snakemake.params.ranges)
dataset.write(
    PARAMETER_PREDICTIONS, predictions, snakemake.output.predictions, origin.of(snakemake)
)
