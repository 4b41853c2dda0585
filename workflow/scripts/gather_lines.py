"""Join the phase lines of all twist angles."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.gather import join

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
lines = join("phase_lines", list(snakemake.input.lines), "twist")
dataset.write("phase_lines", lines, snakemake.output.lines)
