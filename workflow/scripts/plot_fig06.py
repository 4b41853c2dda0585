"""Draw figure 6: error of each parameter along the distance to the phase boundaries."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig06, style
from moirespin.schemas.scores import PROFILES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
profiles = dataset.read(PROFILES, snakemake.input.profiles)
figure, table = fig06.draw(profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
