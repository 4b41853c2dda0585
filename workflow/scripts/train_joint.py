"""Train the network that estimates all parameters at once."""

from typing import TYPE_CHECKING

from moirespin import origin, packed, runtime
from moirespin.schemas.images import DATASET

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.joint import train_joint  # noqa: E402
from moirespin.networks import annotate  # noqa: E402

params = snakemake.params
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    train_joint(
        samples,
        params.shape,
        params.training,
        params.ranges,
        params.seed,
        snakemake.output.model,
        params.code,
    )
annotate(snakemake.output.model, ranges=params.ranges, made=origin.of(snakemake))
