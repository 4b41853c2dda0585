"""Draw figure 8: generated against true images."""

from typing import TYPE_CHECKING

import xarray as xr

from moirespin import dataset, runtime
from moirespin.figures import fig08, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read("generator_scores", snakemake.input.scores)
profiles = dataset.read("profiles", snakemake.input.profiles)
# Opened, not loaded: two samples are drawn out of all.
with xr.open_dataset(snakemake.input.images, engine="netcdf4") as images:
    dataset.check("image_predictions", images, snakemake.input.images)
    figure, table = fig08.draw(images, scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
)
