"""Join the tested ground states of all twist angles."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.gather import join

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
trials = join("challenge", list(snakemake.input.trials), "set")
dataset.write("challenge", trials, snakemake.output.trials)
