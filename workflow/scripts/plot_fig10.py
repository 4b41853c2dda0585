"""Draw figure 10: error of the averaged magnetisation."""

from typing import TYPE_CHECKING

from moirespin.figures import fig10, style
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.scores import PROFILES
from moirespin.pipeline import jobs

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
profiles = netcdf.read(PROFILES, snakemake.input.profiles)
figure, table = fig10.draw(profiles)
style.save(
    figure,
    table,
    png=snakemake.output.png,
    pdf=snakemake.output.pdf,
    csv=snakemake.output.csv,
    made=provenance.of(snakemake),
)
