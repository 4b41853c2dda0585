"""Draw how often the best of random starts misses the ground state."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import starts, style
from moirespin.schemas.trials import CHALLENGE

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
trials = dataset.read(CHALLENGE, snakemake.input.trials)
figure, table = starts.draw(trials, snakemake.params.degeneracy["mev"])
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
