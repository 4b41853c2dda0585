"""Compute the Fisher information of the images on a grid of J and D."""

from typing import TYPE_CHECKING

from moirespin.analysis.fisher_information import fisher_information
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.beyond import FISHER
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
fisher = fisher_information(
    params.fisher, params.sweep, params.images, params.model, snakemake.resources.lanes
)
netcdf.write(FISHER, fisher, snakemake.output.fisher, provenance.of(snakemake))
