"""Draw the learning curves of all networks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin import origin, runtime
from moirespin.figures import curves, style

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
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
    made=origin.of(snakemake),
)
