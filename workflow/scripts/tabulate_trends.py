"""Test by rank correlation what the paper says about where errors rise and fall."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.trends import correlate_trends

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
regression = dataset.read(REGRESSION_SCORES, snakemake.input.regression)
generator = dataset.read(GENERATOR_SCORES, snakemake.input.generator)
table = correlate_trends(regression, generator)
logger.info("%s", table["agrees"].value_counts().to_dict())
csvw.write(table, snakemake.output.table, origin.of(snakemake))
