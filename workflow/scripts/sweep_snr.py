"""Estimate the parameters of the test set from images with more and more noise."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, packed, runtime
from moirespin.schemas.images import DATASET
from moirespin.schemas.scores import SNR_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.predictions import sweep_snr  # noqa: E402

params = snakemake.params
models = {name: snakemake.input[name] for name in dataset.PARAMETERS}
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    scores = sweep_snr(samples, models, params.ranges, params.snr["levels_db"], params.seed)
dataset.write(SNR_SCORES, scores, snakemake.output.scores, origin.of(snakemake))
