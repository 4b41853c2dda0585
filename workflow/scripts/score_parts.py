"""Score the networks that were trained on parts of the training set, and those trained on all."""

from typing import TYPE_CHECKING

from moirespin import csvw, origin, packed, runtime
from moirespin.schemas.images import DATASET

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.sample_curve import score_parts  # noqa: E402
from moirespin.tables import Resampling  # noqa: E402

params = snakemake.params
resampling = Resampling(params.bootstrap_samples, params.seed)
models = {name: snakemake.input[name] for name in params.parameters}
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    table = score_parts(samples, models, params.ranges, resampling)
logger.info("%s", table.to_string(index=False))
csvw.write(table, snakemake.output.table, origin.of(snakemake))
