"""Score the joint network and the one trained on degraded images under several conditions."""

from typing import TYPE_CHECKING

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.image_conditions import score_conditions
from moirespin.io import csv_tables, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params = snakemake.params
models = {name: snakemake.input[name] for name in ("joint", "robust")}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    table = score_conditions(
        samples,
        models,
        ranges=Ranges(**params.ranges),
        bits=params.degradation["bits"],
        shift_pixels=params.degradation["shift_pixels"],
        resampling=Resampling(params.bootstrap_samples, params.seed),
    )
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
