"""Count the sets of each phase at each twist angle."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.schemas.states import PHASE_DIAGRAM
from moirespin.tables import phase_shares

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
phase_diagram = dataset.read(PHASE_DIAGRAM, snakemake.input.phase_diagram)
csvw.write(phase_shares(phase_diagram), snakemake.output.table, origin.of(snakemake))
