"""Draw the images of all sets that are not ferromagnetic and split them."""

from typing import TYPE_CHECKING

from moirespin.images.image_set import Split, build_dataset
from moirespin.images.window import Window
from moirespin.io import provenance
from moirespin.physics.lattice import Lattice
from moirespin.pipeline import jobs
from moirespin.states.gathering import plan_sweep
from moirespin.states.phases import Thresholds
from moirespin.states.settings import read_sweep

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
params = snakemake.params
samples = build_dataset(
    plan_sweep(list(snakemake.input.shards), read_sweep(params.sweep), params.seed),
    snakemake.output.dataset,
    thresholds=Thresholds(**params.thresholds),
    lattice=Lattice(**params.lattice),
    window=Window(params.images["window_nm"], params.images["pixels"]),
    split=Split(**params.split),
    seed=params.seed,
    made=provenance.of(snakemake),
)
logger.info("%d samples", samples.sizes["sample"])
