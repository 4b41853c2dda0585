"""Set the numbers of this run beside the paper's."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.schemas.images import DATASET
from moirespin.schemas.scores import ERROR_PCA, GENERATOR_SCORES, REGRESSION_SCORES, SNR_SCORES
from moirespin.schemas.states import PHASE_DIAGRAM
from moirespin.tables import compare_with_paper, regression_summary

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
phase_diagram = dataset.read(PHASE_DIAGRAM, snakemake.input.phase_diagram)
scores = dataset.read(REGRESSION_SCORES, snakemake.input.regression)
pca = dataset.read(ERROR_PCA, snakemake.input.pca)
snr = dataset.read(SNR_SCORES, snakemake.input.snr)
generator = dataset.read(GENERATOR_SCORES, snakemake.input.generator)
regression = regression_summary(scores, pca, snakemake.params.window)
# Opened, not loaded: the images are most of the file and are not needed.
with dataset.opened(DATASET, snakemake.input.dataset) as samples:
    comparison = compare_with_paper(phase_diagram, samples, regression, snr, generator)
regression.to_csv(snakemake.output.regression, index=False, float_format="%.6g")
comparison.to_csv(snakemake.output.comparison, index=False, float_format="%.6g")
