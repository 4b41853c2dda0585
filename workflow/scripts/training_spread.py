"""Tabulate how much the networks' errors vary from one training to another."""

from typing import TYPE_CHECKING

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.training_spread import estimate_again, tabulate_spread
from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.netcdf import PARAMETERS
from moirespin.io.schemas.images import DATASET
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params = snakemake.params
ranges = Ranges(**params.ranges)
models = {name: snakemake.input[name] for name in (*PARAMETERS, "joint")}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    true, estimates = estimate_again(samples, models, ranges)
table = tabulate_spread(
    true,
    estimates,
    ranges=ranges,
    resampling=Resampling(params.bootstrap_samples, params.seed),
)
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
