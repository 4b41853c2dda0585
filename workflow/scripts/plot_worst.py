"""Draw the test samples with the largest errors."""

from typing import TYPE_CHECKING

import pandas as pd

from moirespin.figures import style, worst
from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
listed = pd.read_csv(snakemake.input.worst)
with (
    packed_images.opened(DATASET, snakemake.input.dataset) as samples,
    packed_images.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images,
):
    figure, table = worst.draw(listed, samples, images)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
