"""Set the joint network's errors beside those of the paper's networks."""

from typing import TYPE_CHECKING

from moirespin.analysis.network_comparison import compare_networks
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
paper, joint = (
    netcdf.read(PARAMETER_PREDICTIONS, snakemake.input[name]) for name in ("paper", "joint")
)
table = compare_networks(paper, joint)
logger.info("%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
