"""Draw the learning curves of all networks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.figures import curves, style
from moirespin.io import provenance
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
paths = {name: Path(path) for name, path in snakemake.input.items()}
figure, table = curves.draw(
    {name: json.loads(path.read_text())["history"] for name, path in paths.items()}
)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
