"""Compute the Fisher information of the images on a grid of J and D."""

from typing import TYPE_CHECKING

from moirespin.analysis.fisher_information import Grid, fisher_information
from moirespin.images.window import Window
from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.beyond import FISHER, SAMPLE_INFORMATION
from moirespin.io.schemas.images import DATASET
from moirespin.learning.split_parts import split_part
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges
from moirespin.states.phases import Thresholds
from moirespin.states.settings import read_recipe

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    tested = split_part(samples, "test").drop_vars("image").load()
fisher, information = fisher_information(
    Grid(**params.fisher),
    tested,
    ranges=Ranges(**params.ranges),
    window=Window(params.images["window_nm"], params.images["pixels"]),
    recipe=read_recipe(params.model),
    thresholds=Thresholds(**params.model["phases"]),
    lanes=snakemake.resources.lanes,
)
made = provenance.of(snakemake)
netcdf.write(FISHER, fisher, snakemake.output.fisher, made=made)
netcdf.write(SAMPLE_INFORMATION, information, snakemake.output.samples, made=made)
