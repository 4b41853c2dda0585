"""Draw figure 12: the regression network."""

from typing import TYPE_CHECKING

from moirespin.figures import blocks, fig12, style
from moirespin.io import netcdf, provenance
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
networks = {
    name: blocks.read_model(snakemake.input[name], "regressor") for name in netcdf.PARAMETERS
}
figure, table = fig12.draw(networks)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
