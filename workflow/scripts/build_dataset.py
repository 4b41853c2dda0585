"""Draw the images of all sets that are not ferromagnetic and split them."""

from typing import TYPE_CHECKING

from moirespin import origin, runtime
from moirespin.gather import build_dataset

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
params = snakemake.params
samples = build_dataset(
    list(snakemake.input.shards),
    params.thresholds,
    params.lattice,
    params.images,
    params.split,
    params.seed,
    snakemake.output.dataset,
    origin.of(snakemake),
)
logger.info("%d samples", samples.sizes["sample"])
