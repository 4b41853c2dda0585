"""Score the networks with inputs scaled in several ways under noise."""

from typing import TYPE_CHECKING

from moirespin.analysis.input_study import score_inputs
from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params = snakemake.params
networks = [
    (*name, path) for name, path in zip(params.networks, snakemake.input.models, strict=True)
]
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    table = score_inputs(
        samples,
        networks,
        ranges=Ranges(**params.ranges),
        levels_db=params.levels_db,
        seed=params.seed,
    )
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
