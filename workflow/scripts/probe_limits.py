"""Compute what each kind of probe can know of J and D at best."""

from typing import TYPE_CHECKING

from moirespin.analysis.probe_limits import Study, probe_limits
from moirespin.inference.model_files import load_textures
from moirespin.io import csv_tables, provenance
from moirespin.pipeline import jobs
from moirespin.probes.stray_field import Moment
from moirespin.states.parameter_space import Box

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_inference(snakemake)

params = snakemake.params
model = load_textures(snakemake.input.model, Moment(**params.moment))
limits = probe_limits(Study(**params.study), Box(**params.sweep), model)
logger.info("%d bounds", len(limits))
csv_tables.write(limits, snakemake.output.table, provenance.of(snakemake))
