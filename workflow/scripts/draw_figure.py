"""Draw a figure of the registry."""

from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from moirespin.figures import style
from moirespin.figures.registry import FIGURES
from moirespin.io import provenance, run_files
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
(entry,) = [figure for figure in FIGURES if figure.name == snakemake.rule]
module = import_module(f"moirespin.figures.{entry.module}")
with ExitStack() as files:
    given = {
        name: files.enter_context(run_files.opened(path)) for name, path in snakemake.input.items()
    }
    figure, table = module.draw(**given, **snakemake.params.settings)
    output = snakemake.output
    made = provenance.of(snakemake)
    style.save(figure, table, png=output.png, pdf=output.pdf, csv=output.csv, made=made)
