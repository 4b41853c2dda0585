"""Draw figure 5: principal components of the errors."""

from typing import TYPE_CHECKING

from moirespin.figures import fig05, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.scores import ERROR_PCA, REGRESSION_SCORES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(REGRESSION_SCORES, snakemake.input.scores)
pca = netcdf.read(ERROR_PCA, snakemake.input.pca)
figure, table = fig05.draw(scores, pca)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
