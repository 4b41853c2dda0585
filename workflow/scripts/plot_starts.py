"""Draw how often the best of random starts misses the ground state."""

from typing import TYPE_CHECKING

from moirespin.figures import starts, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
trials = netcdf.read(CHALLENGE, snakemake.input.trials)
figure, table = starts.draw(trials, snakemake.params.degeneracy["mev"])
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
