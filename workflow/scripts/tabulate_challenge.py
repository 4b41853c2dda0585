"""Count the winners that came back, and what random starts found."""

from typing import TYPE_CHECKING

from moirespin.analysis.paper_comparison import challenge_outcome
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
trials = netcdf.read(CHALLENGE, snakemake.input.trials)
table = challenge_outcome(trials, snakemake.params.degeneracy["mev"])
logger.info("%d of %d winners came back", table["came_back"].sum(), table["sets"].sum())
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
