"""Set the joint network's errors beside those of the paper's networks."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
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
table.to_csv(snakemake.output.table, index=False, float_format="%.6g")
