"""Draw the images of the test set by the texture model."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.pipeline import jobs
from moirespin.textures.from_sweep import draw_test_images
from moirespin.textures.model_files import load_model

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)

with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    draw_test_images(
        load_model(snakemake.input.model),
        samples,
        snakemake.params.pixels["generator"],
        path=snakemake.output.predictions,
        made=provenance.of(snakemake),
    )
