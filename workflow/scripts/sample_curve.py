"""Score the networks trained on fractions of the training set, and those trained on all of it."""

from typing import TYPE_CHECKING

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.sample_curve import score_fractions
from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params = snakemake.params
resampling = Resampling(params.bootstrap_samples, params.seed)
models = {name: snakemake.input[name] for name in params.parameters}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    table = score_fractions(samples, models, ranges=Ranges(**params.ranges), resampling=resampling)
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
