"""Compute scores or a table of the registry."""

from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.material import RunMaterial
from moirespin.analysis.registry import ANALYSES
from moirespin.analysis.regression_summary import CrI3Window
from moirespin.io import csv_tables, netcdf, provenance, run_files
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

# Settings that functions take as a type of their own.
TYPES = {"ranges": Ranges, "resampling": Resampling, "window": CrI3Window, "material": RunMaterial}

logger = jobs.start(snakemake)
(entry,) = [analysis for analysis in ANALYSES if analysis.name == snakemake.rule]
module = import_module(f"moirespin.analysis.{entry.module}")
analyse = getattr(module, entry.function.partition(".")[2])
settings = {
    name: TYPES[name](**value) if name in TYPES else value
    for name, value in snakemake.params.settings.items()
}
with ExitStack() as files:
    given = {
        name: files.enter_context(run_files.opened(path)) for name, path in snakemake.input.items()
    }
    found = analyse(**given, **settings)
    path = snakemake.output[0]
    if path.endswith(".csv"):
        logger.info("%d rows", len(found))
        csv_tables.write(found, path, provenance.of(snakemake))
    else:
        netcdf.write(run_files.schema_of(path), found, path, made=provenance.of(snakemake))
