"""Draw figure 3: estimated against true parameters."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.figures import fig03, style
from moirespin.schemas.scores import PROFILES, REGRESSION_SCORES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
scores = dataset.read(REGRESSION_SCORES, snakemake.input.scores)
profiles = dataset.read(PROFILES, snakemake.input.profiles)
figure, table = fig03.draw(scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=origin.of(snakemake),
)
