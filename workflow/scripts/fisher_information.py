"""Compute the Fisher information of the images on a grid of J and D."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.beyond import FISHER

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start_simulation(snakemake.log[0], snakemake.threads, snakemake.resources.get("gpu"))
from moirespin.information import fisher_information  # noqa: E402

params = snakemake.params
fisher = fisher_information(
    params.fisher, params.sweep, params.images, params.model, snakemake.resources.lanes
)
dataset.write(FISHER, fisher, snakemake.output.fisher, origin.of(snakemake))
