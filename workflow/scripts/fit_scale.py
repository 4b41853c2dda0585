"""Fit the exchange scale to the paper's share of ferromagnetic sets."""

import os
from typing import TYPE_CHECKING

from moirespin.io import csv_tables, provenance
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Box
from moirespin.states.scale_fit import tabulate_scale
from moirespin.states.settings import read_material

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

# Eigenvalues of SciPy: a GPU that another job may use is left alone.
os.environ["JAX_PLATFORMS"] = "cpu"
logger = jobs.start_learning(snakemake)

params = snakemake.params
table = tabulate_scale(params.twist["indices"], read_material(params.model), Box(**params.sweep))
logger.info("\n%s", table.to_string(index=False))
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
