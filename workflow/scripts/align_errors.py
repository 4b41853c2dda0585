"""Set the networks' errors in J and D beside the weak directions of the images."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.alignment import align_errors
from moirespin.schemas.beyond import ERROR_ALIGNMENT, FISHER
from moirespin.schemas.scores import REGRESSION_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
params = snakemake.params
scores = dataset.read(REGRESSION_SCORES, snakemake.input.scores)
fisher = dataset.read(FISHER, snakemake.input.fisher)
alignment = align_errors(scores, fisher, params.ranges, params.bootstrap_samples, params.seed)
dataset.write(ERROR_ALIGNMENT, alignment, snakemake.output.alignment, origin.of(snakemake))
