"""Set the networks' errors in J and D beside the weak directions of the images."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.alignment import align_errors

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
params = snakemake.params
scores = dataset.read("regression_scores", snakemake.input.scores)
fisher = dataset.read("fisher", snakemake.input.fisher)
alignment = align_errors(scores, fisher, params.ranges, params.bootstrap_samples, params.seed)
dataset.write("error_alignment", alignment, snakemake.output.alignment)
