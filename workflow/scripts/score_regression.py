"""Score the parameters estimated from the images of the test set."""

from typing import TYPE_CHECKING

from moirespin.analysis.scores import score_regression
from moirespin.io import netcdf, provenance
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import REGRESSION_SCORES
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
predictions = netcdf.read(PARAMETER_PREDICTIONS, snakemake.input.predictions)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
scores = score_regression(predictions, lines, Ranges(**snakemake.params.ranges))
for boundary in scores["boundary"].values[scores["distance"].isnull().all("sample").values]:
    logger.info("there is no %s boundary: distances to it are NaN", boundary)
netcdf.write(REGRESSION_SCORES, scores, snakemake.output.scores, provenance.of(snakemake))
