"""Draw figure 1: the two tasks with a test sample."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.figures import fig01, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
estimates = dataset.read("parameter_predictions", snakemake.input.parameters)
# Opened, not loaded: one sample is drawn out of all.
with (
    dataset.opened("dataset", snakemake.input.dataset) as samples,
    dataset.opened("image_predictions", snakemake.input.images) as images,
):
    figure, table = fig01.draw(samples, estimates, images)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
)
