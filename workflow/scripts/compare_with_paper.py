"""Set the numbers of this run beside the paper's."""

from typing import TYPE_CHECKING

from moirespin.analysis.paper_comparison import (
    Resampling,
    compare_with_paper,
    estimation_errors,
    regression_summary,
)
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import ERROR_PCA, GENERATOR_SCORES, REGRESSION_SCORES, SNR_SCORES
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
given, params = snakemake.input, snakemake.params
phase_diagram = netcdf.read(PHASE_DIAGRAM, given.phase_diagram)
scores, pca = netcdf.read(REGRESSION_SCORES, given.regression), netcdf.read(ERROR_PCA, given.pca)
snr = netcdf.read(SNR_SCORES, given.snr)
generator = netcdf.read(GENERATOR_SCORES, given.generator)
joint = netcdf.read(PARAMETER_PREDICTIONS, given.joint)
resampling = Resampling(params.bootstrap_samples, params.seed)
regression = regression_summary(scores, pca, params.window, resampling)
better = estimation_errors(joint, params.window, resampling)
# Opened, not loaded: the images are most of the file and are not needed.
with netcdf.opened(DATASET, given.dataset) as samples:
    comparison = compare_with_paper(
        phase_diagram, samples, regression, better, snr, generator, resampling
    )
csv_tables.write(regression, snakemake.output.regression, provenance.of(snakemake))
csv_tables.write(comparison, snakemake.output.comparison, provenance.of(snakemake))
