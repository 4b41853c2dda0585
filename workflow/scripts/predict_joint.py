"""Estimate the parameters of the test set from its images by the joint network."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.learning.prediction import predict_joint
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    predictions = predict_joint(samples, snakemake.input.model, Ranges(**snakemake.params.ranges))
netcdf.write(
    PARAMETER_PREDICTIONS, predictions, snakemake.output.predictions, made=provenance.of(snakemake)
)
