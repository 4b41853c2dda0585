"""Draw figure 1: the two tasks with a test sample."""

from typing import TYPE_CHECKING

from moirespin.figures import fig01, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
estimates = netcdf.read(PARAMETER_PREDICTIONS, snakemake.input.parameters)
# Opened, not loaded: one sample is drawn out of all.
with (
    netcdf.opened(DATASET, snakemake.input.dataset) as samples,
    netcdf.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images,
):
    figure, table = fig01.draw(samples, estimates, images)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
