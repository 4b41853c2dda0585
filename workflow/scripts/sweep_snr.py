"""Estimate the parameters of the test set from images with more and more noise."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.learning.prediction import joint_estimator, paper_estimator, sweep_snr
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
models = {name: snakemake.input[name] for name in netcdf.PARAMETERS}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    pixels, ranges = samples.sizes["x"] // 2, Ranges(**params.ranges)
    estimators = {
        "scores": paper_estimator(models, pixels, ranges),
        "joint": joint_estimator(snakemake.input.joint, pixels, ranges),
    }
    for name, estimator in estimators.items():
        scores = sweep_snr(samples, estimator, levels_db=params.snr["levels_db"], seed=params.seed)
        netcdf.write(SNR_SCORES, scores, snakemake.output[name], made=provenance.of(snakemake))
