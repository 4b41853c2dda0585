"""Join tables of the same columns into one."""

from typing import TYPE_CHECKING

import pandas as pd

from moirespin.io import csv_tables, provenance
from moirespin.io.damage import reading
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
parts = []
for path in snakemake.input.tables:
    with reading(path):
        parts.append(pd.read_csv(path))
# A part without a row has no columns either.
whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
csv_tables.write(whole, snakemake.output.table, provenance.of(snakemake))
