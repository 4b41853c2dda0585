"""Tabulate what choices of threshold, gauge, inputs, loss, split and network do to the errors."""

from typing import TYPE_CHECKING

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.choices import Noise, count_ferromagnets, split_gain, tabulate_choices
from moirespin.images.image_set import Split
from moirespin.io import csv_tables, netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.learning.variants import VARIANTS
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Box, Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start_learning(snakemake)

params, seed = snakemake.params, snakemake.params.seed
models = {
    name: dict(zip(variant.networks, snakemake.input[name], strict=True))
    for name, variant in VARIANTS.items()
}
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    table = tabulate_choices(
        samples,
        VARIANTS,
        models,
        ranges=Ranges(**params.ranges),
        loss=params.loss,
        split=Split(**params.split),
        left_out=params.left_out["indices"],
        noise=Noise(**params.noise, seed=seed),
        resampling=Resampling(params.bootstrap_samples, seed),
    )
shares = count_ferromagnets(
    netcdf.read(PHASE_DIAGRAM, snakemake.input.phase_diagram),
    netcdf.read(PHASE_LINES, snakemake.input.lines),
    scale=params.scale,
    box=Box(**params.sweep),
    thresholds=[params.thresholds[name] for name in models],
)
for name in ("fm_percent", "fitted_scale"):
    table[name] = table["variant"].map(dict(zip(models, shares[name], strict=True)))
logger.info("%s", table.to_string(index=False))
made = provenance.of(snakemake)
csv_tables.write(table, snakemake.output.table, made)
csv_tables.write(split_gain(table), snakemake.output.gain, made)
