"""Join the phase lines of all twist angles."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.schemas.states import PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
lines = dataset.join(PHASE_LINES, list(snakemake.input.lines), "twist")
dataset.write(PHASE_LINES, lines, snakemake.output.lines, origin.of(snakemake))
