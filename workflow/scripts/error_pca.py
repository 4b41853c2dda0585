"""Find the principal axes of the regression errors."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.analysis import error_pca
from moirespin.schemas.scores import ERROR_PCA, REGRESSION_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(REGRESSION_SCORES, snakemake.input.scores)
pca = error_pca(scores, snakemake.params.bootstrap_samples, snakemake.params.seed)
dataset.write(ERROR_PCA, pca, snakemake.output.pca, origin.of(snakemake))
