"""Draw the test samples with the largest errors."""

from typing import TYPE_CHECKING

import pandas as pd

from moirespin import origin, packed, runtime
from moirespin.figures import style, worst
from moirespin.schemas.images import DATASET, IMAGE_PREDICTIONS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
listed = pd.read_csv(snakemake.input.worst)
with (
    packed.opened(DATASET, snakemake.input.dataset) as samples,
    packed.opened(IMAGE_PREDICTIONS, snakemake.input.images) as images,
):
    figure, table = worst.draw(listed, samples, images)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
