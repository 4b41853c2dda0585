"""Draw figure 8: generated against true images."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.figures import fig08, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read("generator_scores", snakemake.input.scores)
profiles = dataset.read("profiles", snakemake.input.profiles)
# Opened, not loaded: two samples are drawn out of all.
with dataset.opened("image_predictions", snakemake.input.images) as images:
    figure, table = fig08.draw(images, scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
)
