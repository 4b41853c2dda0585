"""Fit the exchange scale to the paper's share of ferromagnetic sets."""

from typing import TYPE_CHECKING

from moirespin import csvw, origin, runtime
from moirespin.calibrate import tabulate_scale

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
model = snakemake.params.model
table = tabulate_scale(
    snakemake.params.twist["indices"], model["lattice"], model["exchange"], snakemake.params.sweep
)
logger.info("\n%s", table.to_string(index=False))
csvw.write(table, snakemake.output.table, origin.of(snakemake))
