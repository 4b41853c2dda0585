"""Draw the errors of the paper's networks against the number of training samples."""

from typing import TYPE_CHECKING

import pandas as pd

from moirespin.figures import samples, style
from moirespin.io import provenance
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
figure, table = samples.draw(pd.read_csv(snakemake.input.table))
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
