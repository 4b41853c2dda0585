"""Draw figure 2: superlattice, exchange, spin textures and images of the three phases."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.figures import fig02, style
from moirespin.phases import Thresholds, classify

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
examples = dataset.read("shard", snakemake.input.examples)
exchange = dataset.read("exchange_map", snakemake.input.exchange)
lines = dataset.read("phase_lines", snakemake.input.lines)
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
)
