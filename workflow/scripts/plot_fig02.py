"""Draw figure 2: superlattice, exchange, spin textures and images of the three phases."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig02, style
from moirespin.phases import Thresholds, classify
from moirespin.schemas.states import EXCHANGE_MAP, PHASE_LINES, SHARD

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
examples = dataset.read(SHARD, snakemake.input.examples)
exchange = dataset.read(EXCHANGE_MAP, snakemake.input.exchange)
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
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
    made=origin.of(snakemake),
)
