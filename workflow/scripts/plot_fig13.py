"""Draw figure 13: the generative network."""

from typing import TYPE_CHECKING

from moirespin.figures import blocks, fig13, style
from moirespin.io import provenance
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
figure, table = fig13.draw(blocks.read_model(snakemake.input.model, "generator"))
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
