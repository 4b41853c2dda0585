"""Train the network of one Hamiltonian parameter on a part of the training set."""

from typing import TYPE_CHECKING

from moirespin import origin, packed, runtime
from moirespin.schemas.images import DATASET

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.networks import annotate  # noqa: E402
from moirespin.samples import first_samples  # noqa: E402
from moirespin.tasks import train_regressor  # noqa: E402

params = snakemake.params
with packed.opened(DATASET, snakemake.input.dataset) as samples:
    train_regressor(
        first_samples(samples, params.part["fraction"], params.seed),
        params.target["parameter"],
        params.widths,
        params.training,
        params.ranges,
        params.seed,
        snakemake.output.model,
        params.code,
    )
annotate(snakemake.output.model, ranges=params.ranges, made=origin.of(snakemake))
