"""Draw figure 13: the generative network."""

from typing import TYPE_CHECKING

from moirespin import origin, runtime
from moirespin.figures import blocks, fig13, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
figure, table = fig13.draw(blocks.read_model(snakemake.input.model, "generator"))
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
