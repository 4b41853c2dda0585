"""Count the winners that came back, and what random starts found."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.schemas.trials import CHALLENGE
from moirespin.tables import challenge_outcome

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
trials = dataset.read(CHALLENGE, snakemake.input.trials)
table = challenge_outcome(trials, snakemake.params.degeneracy["mev"])
logger.info("%d of %d winners came back", table["came_back"].sum(), table["sets"].sum())
csvw.write(table, snakemake.output.table, origin.of(snakemake))
