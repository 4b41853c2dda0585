"""Draw the errors of the paper's networks against the number of training samples."""

from typing import TYPE_CHECKING

import pandas as pd

from moirespin import origin, runtime
from moirespin.figures import samples, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
figure, table = samples.draw(pd.read_csv(snakemake.input.table))
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
