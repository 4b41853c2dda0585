"""Find the principal axes of the regression errors."""

from typing import TYPE_CHECKING

from moirespin.analysis.scores import error_pca
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.scores import ERROR_PCA, REGRESSION_SCORES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(REGRESSION_SCORES, snakemake.input.scores)
pca = error_pca(scores, snakemake.params.bootstrap_samples, snakemake.params.seed)
netcdf.write(ERROR_PCA, pca, snakemake.output.pca, provenance.of(snakemake))
