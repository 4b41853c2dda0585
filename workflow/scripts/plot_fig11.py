"""Draw figure 11: order parameters and phase of every parameter set."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig11, style
from moirespin.schemas.states import PHASE_DIAGRAM, PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
diagram = dataset.read(PHASE_DIAGRAM, snakemake.input.diagram)
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
figure, table = fig11.draw(diagram, lines, **snakemake.params.options)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
