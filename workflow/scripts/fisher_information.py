"""Compute the Fisher information of the images on a grid of J and D."""

from typing import TYPE_CHECKING

from moirespin.analysis.fisher_information import Grid, fisher_information
from moirespin.images.window import Window
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.beyond import FISHER
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Box
from moirespin.states.phases import Thresholds
from moirespin.states.settings import read_recipe

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
fisher = fisher_information(
    Grid(**params.fisher),
    Box(**params.sweep),
    window=Window(params.images["window_nm"], params.images["pixels"]),
    recipe=read_recipe(params.model),
    thresholds=Thresholds(**params.model["phases"]),
    lanes=snakemake.resources.lanes,
)
netcdf.write(FISHER, fisher, snakemake.output.fisher, made=provenance.of(snakemake))
