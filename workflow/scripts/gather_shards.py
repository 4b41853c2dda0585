"""Gather all sets of the sweep, without their spins, and classify them."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.gather import gather_shards
from moirespin.schemas.states import PHASE_DIAGRAM

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
diagram = gather_shards(list(snakemake.input.shards), snakemake.params.thresholds)
counts = {name: int((diagram["phase"] == n).sum()) for n, name in enumerate(dataset.PHASES)}
logger.info("%d sets: %s", diagram.sizes["set"], counts)
dataset.write(PHASE_DIAGRAM, diagram, snakemake.output.phase_diagram, origin.of(snakemake))
