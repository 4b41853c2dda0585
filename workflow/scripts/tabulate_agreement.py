"""Count the sets whose phase is the one that the phase lines give them."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.boundary import line_agreement
from moirespin.schemas.states import PHASE_DIAGRAM, PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
diagram = dataset.read(PHASE_DIAGRAM, snakemake.input.phase_diagram)
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
table = line_agreement(diagram, lines, snakemake.params.ranges)
logger.info("%d of %d sets agree with the lines", table["agree"].sum(), table["sets"].sum())
csvw.write(table, snakemake.output.table, origin.of(snakemake))
