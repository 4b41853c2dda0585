"""Write the page of a run's results."""

from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.io import provenance
from moirespin.io.atomic import replaced
from moirespin.pages.results_page import read_tables, write_page
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
shown = snakemake.params
page = write_page(
    figures=shown.figures,
    tables=read_tables({path.stem: path for path in map(Path, snakemake.input.tables)}),
    headings=shown.tables,
    files=shown.files,
    also=shown.also,
    measurements=shown.measurements,
    made=provenance.of(snakemake),
)
with replaced(snakemake.output.page) as unfinished:
    Path(unfinished).write_text(page, encoding="utf-8")
