"""Count the sets whose phase is the one that the phase lines give them."""

from typing import TYPE_CHECKING

from moirespin.analysis.boundaries import line_agreement
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
diagram = netcdf.read(PHASE_DIAGRAM, snakemake.input.phase_diagram)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
table = line_agreement(diagram, lines, Ranges(**snakemake.params.ranges))
logger.info("%d of %d sets agree with the lines", table["agree"].sum(), table["sets"].sum())
csv_tables.write(table, snakemake.output.table, provenance.of(snakemake))
