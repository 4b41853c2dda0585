"""Draw figure 3: estimated against true parameters."""

from typing import TYPE_CHECKING

from moirespin.figures import fig03, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.scores import PROFILES, REGRESSION_SCORES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
scores = netcdf.read(REGRESSION_SCORES, snakemake.input.scores)
profiles = netcdf.read(PROFILES, snakemake.input.profiles)
figure, table = fig03.draw(scores, profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
