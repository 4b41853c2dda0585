"""Draw the images of all sets that are not ferromagnetic and split them."""

from typing import TYPE_CHECKING

from moirespin.images.image_set import build_dataset
from moirespin.io import provenance
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
params = snakemake.params
samples = build_dataset(
    list(snakemake.input.shards),
    params.thresholds,
    params.lattice,
    params.images,
    params.split,
    params.seed,
    snakemake.output.dataset,
    provenance.of(snakemake),
)
logger.info("%d samples", samples.sizes["sample"])
