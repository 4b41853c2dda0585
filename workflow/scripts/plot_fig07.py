"""Draw figure 7: estimated parameters from noisy images."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig07, style
from moirespin.schemas.scores import SNR_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(SNR_SCORES, snakemake.input.scores)
figure, table = fig07.draw(scores, **snakemake.params.options)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
