"""Count the sets of each phase at each twist angle."""

from typing import TYPE_CHECKING

from moirespin.analysis.paper_comparison import phase_shares
from moirespin.io import csv_tables, netcdf, provenance
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
phase_diagram = netcdf.read(PHASE_DIAGRAM, snakemake.input.phase_diagram)
csv_tables.write(phase_shares(phase_diagram), snakemake.output.table, provenance.of(snakemake))
