"""Draw figure 1: the two tasks with a test sample."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig01, style
from moirespin.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
estimates = dataset.read(PARAMETER_PREDICTIONS, snakemake.input.parameters)
# Opened, not loaded: one sample is drawn out of all.
with (
    dataset.opened(DATASET, snakemake.input.dataset) as samples,
    dataset.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images,
):
    figure, table = fig01.draw(samples, estimates, images)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
