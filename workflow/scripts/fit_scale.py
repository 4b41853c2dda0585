"""Fit the exchange scale to the paper's share of ferromagnetic sets."""

import os
from typing import TYPE_CHECKING

from moirespin import csvw, origin, runtime

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

# Eigenvalues of SciPy: a GPU that another job may use is left alone.
os.environ["JAX_PLATFORMS"] = "cpu"
logger = runtime.start(snakemake.log[0], snakemake.threads)
from moirespin.calibrate import tabulate_scale  # noqa: E402

model = snakemake.params.model
table = tabulate_scale(
    snakemake.params.twist["indices"], model["lattice"], model["exchange"], snakemake.params.sweep
)
logger.info("\n%s", table.to_string(index=False))
csvw.write(table, snakemake.output.table, origin.of(snakemake))
