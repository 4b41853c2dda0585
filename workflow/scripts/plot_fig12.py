"""Draw figure 12: the regression network."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import blocks, fig12, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
networks = {
    name: blocks.read_model(snakemake.input[name], "regressor") for name in dataset.PARAMETERS
}
figure, table = fig12.draw(networks)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
