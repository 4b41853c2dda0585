"""Let the joint network read test images with more and more noise."""

from typing import TYPE_CHECKING

from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.prediction import sweep_joint
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    table = sweep_joint(
        samples,
        snakemake.input.model,
        ranges=Ranges(**params.ranges),
        levels_db=params.snr["levels_db"],
        seed=params.seed,
    )
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
