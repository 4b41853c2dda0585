"""Draw figure 5: principal components of the errors."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig05, style
from moirespin.schemas.scores import ERROR_PCA, REGRESSION_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(REGRESSION_SCORES, snakemake.input.scores)
pca = dataset.read(ERROR_PCA, snakemake.input.pca)
figure, table = fig05.draw(scores, pca)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
