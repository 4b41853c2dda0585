"""Estimate the parameters of the test set from images with more and more noise."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.learning.prediction import sweep_snr
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
models = {name: snakemake.input[name] for name in netcdf.PARAMETERS}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    scores = sweep_snr(
        samples,
        models,
        ranges=Ranges(**params.ranges),
        levels_db=params.snr["levels_db"],
        seed=params.seed,
    )
netcdf.write(SNR_SCORES, scores, snakemake.output.scores, made=provenance.of(snakemake))
