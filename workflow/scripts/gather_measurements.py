"""Tabulate what the measured images say, one row each."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.io import csv_tables, provenance
from moirespin.io.damage import reading
from moirespin.io.posterior_files import tabulate_readings
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
readings = []
for path in snakemake.input.readings:
    with reading(path):
        readings.append(json.loads(Path(path).read_text(encoding="utf-8")))
csv_tables.write(tabulate_readings(readings), snakemake.output.table, provenance.of(snakemake))
