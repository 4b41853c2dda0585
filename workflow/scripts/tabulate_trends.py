"""Test by rank correlation what the paper says about where errors rise and fall."""

from typing import TYPE_CHECKING

from moirespin.analysis.paper_trends import correlate_trends
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
regression = netcdf.read(REGRESSION_SCORES, snakemake.input.regression)
generator = netcdf.read(GENERATOR_SCORES, snakemake.input.generator)
table = correlate_trends(regression, generator)
logger.info("%s", table["agrees"].value_counts().to_dict())
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
