"""Draw figure 2: superlattice, exchange, spin textures and images of the three phases."""

from typing import TYPE_CHECKING

from moirespin.figures import fig02, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.states import EXCHANGE_MAP, PHASE_LINES, SHARD
from moirespin.pipeline import jobs
from moirespin.states.phases import Thresholds, classify

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
examples = netcdf.read(SHARD, snakemake.input.examples)
exchange = netcdf.read(EXCHANGE_MAP, snakemake.input.exchange)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
params = snakemake.params
phases = classify(examples["magnetization"].values, Thresholds(**params.thresholds))
figure, table = fig02.draw(
    examples, phases, exchange, lines, lattice=params.lattice, images=params.images
)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
