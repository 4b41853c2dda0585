"""Estimate the parameters of the test set from its images."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, packed, runtime
from moirespin.schemas.images import DATASET, PARAMETER_PREDICTIONS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.predictions import predict_parameters  # noqa: E402

models = {name: snakemake.input[name] for name in dataset.PARAMETERS}
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    predictions = predict_parameters(samples, models, snakemake.params.ranges)
dataset.write(
    PARAMETER_PREDICTIONS, predictions, snakemake.output.predictions, origin.of(snakemake)
)
