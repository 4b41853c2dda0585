"""Join the tested ground states of all twist angles."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.trials import CHALLENGE

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
trials = dataset.join(CHALLENGE, list(snakemake.input.trials), "set")
dataset.write(CHALLENGE, trials, snakemake.output.trials, origin.of(snakemake))
