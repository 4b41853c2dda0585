"""Draw figure 5: principal components of the errors."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.figures import fig05, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read("regression_scores", snakemake.input.scores)
pca = dataset.read("error_pca", snakemake.input.pca)
figure, table = fig05.draw(scores, pca)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
)
