"""Draw figure 7: estimated parameters from noisy images."""

from typing import TYPE_CHECKING

from moirespin.figures import fig07, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(SNR_SCORES, snakemake.input.scores)
figure, table = fig07.draw(scores, **snakemake.params.options)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
