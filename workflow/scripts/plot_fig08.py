"""Draw figure 8: generated against true images."""

from typing import TYPE_CHECKING

from moirespin.figures import fig08, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES, PROFILES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(GENERATOR_SCORES, snakemake.input.scores)
profiles = netcdf.read(PROFILES, snakemake.input.profiles)
# Opened, not loaded: two samples are drawn out of all.
with netcdf.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images:
    figure, table = fig08.draw(images, scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
