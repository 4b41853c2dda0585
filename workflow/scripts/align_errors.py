"""Set the networks' errors in J and D beside the weak directions of the images."""

from typing import TYPE_CHECKING

from moirespin.analysis.error_alignment import align_errors
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.beyond import ERROR_ALIGNMENT, FISHER
from moirespin.io.schemas.scores import REGRESSION_SCORES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
params = snakemake.params
scores = netcdf.read(REGRESSION_SCORES, snakemake.input.scores)
fisher = netcdf.read(FISHER, snakemake.input.fisher)
alignment = align_errors(
    scores, fisher, Ranges(**params.ranges), params.bootstrap_samples, params.seed
)
netcdf.write(ERROR_ALIGNMENT, alignment, snakemake.output.alignment, provenance.of(snakemake))
