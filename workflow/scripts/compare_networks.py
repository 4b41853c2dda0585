"""Set the joint network's errors beside those of the paper's networks."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, runtime
from moirespin.joint import compare_networks
from moirespin.schemas.images import PARAMETER_PREDICTIONS

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
paper, joint = (
    dataset.read(PARAMETER_PREDICTIONS, snakemake.input[name]) for name in ("paper", "joint")
)
table = compare_networks(paper, joint)
logger.info("%s", table.to_string(index=False))
csvw.write(table, snakemake.output.table, origin.of(snakemake))
