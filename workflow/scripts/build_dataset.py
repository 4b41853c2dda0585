"""Draw the images of all sets that are not ferromagnetic and split them."""

from typing import TYPE_CHECKING

from moirespin.images.image_set import build_dataset
from moirespin.io import provenance
from moirespin.pipeline import jobs
from moirespin.states.gathering import plan_sweep

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
params = snakemake.params
samples = build_dataset(
    plan_sweep(list(snakemake.input.shards), params.sweep, params.seed),
    snakemake.output.dataset,
    thresholds=params.thresholds,
    lattice=params.lattice,
    images=params.images,
    split=params.split,
    seed=params.seed,
    made=provenance.of(snakemake),
)
logger.info("%d samples", samples.sizes["sample"])
