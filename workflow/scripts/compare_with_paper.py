"""Set the numbers of this run beside the paper's."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.schemas.scores import ERROR_PCA, GENERATOR_SCORES, REGRESSION_SCORES, SNR_SCORES
from moirespin.schemas.states import PHASE_DIAGRAM
from moirespin.tables import Resampling, compare_with_paper, estimation_errors, regression_summary

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
given, params = snakemake.input, snakemake.params
phase_diagram = dataset.read(PHASE_DIAGRAM, given.phase_diagram)
scores, pca = dataset.read(REGRESSION_SCORES, given.regression), dataset.read(ERROR_PCA, given.pca)
snr = dataset.read(SNR_SCORES, given.snr)
generator = dataset.read(GENERATOR_SCORES, given.generator)
joint = dataset.read(PARAMETER_PREDICTIONS, given.joint)
resampling = Resampling(params.bootstrap_samples, params.seed)
regression = regression_summary(scores, pca, params.window, resampling)
better = estimation_errors(joint, params.window, resampling)
# Opened, not loaded: the images are most of the file and are not needed.
with dataset.opened(DATASET, given.dataset) as samples:
    comparison = compare_with_paper(
        phase_diagram, samples, regression, better, snr, generator, resampling
    )
csvw.write(regression, snakemake.output.regression, origin.of(snakemake))
csvw.write(comparison, snakemake.output.comparison, origin.of(snakemake))
