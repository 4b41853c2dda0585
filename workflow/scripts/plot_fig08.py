"""Draw figure 8: generated against true images."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig08, style
from moirespin.schemas.images import IMAGE_PREDICTIONS
from moirespin.schemas.scores import GENERATOR_SCORES, PROFILES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(GENERATOR_SCORES, snakemake.input.scores)
profiles = dataset.read(PROFILES, snakemake.input.profiles)
# Opened, not loaded: two samples are drawn out of all.
with dataset.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images:
    figure, table = fig08.draw(images, scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
