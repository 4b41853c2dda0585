"""Score the parameters estimated from the images of the test set."""

from typing import TYPE_CHECKING

from moirespin import dataset, origin, runtime
from moirespin.analysis import score_regression
from moirespin.schemas.images import PARAMETER_PREDICTIONS
from moirespin.schemas.scores import REGRESSION_SCORES
from moirespin.schemas.states import PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
predictions = dataset.read(PARAMETER_PREDICTIONS, snakemake.input.predictions)
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
scores = score_regression(predictions, lines, snakemake.params.ranges)
for boundary in scores["boundary"].values[scores["distance"].isnull().all("sample").values]:
    logger.info("there is no %s boundary: distances to it are NaN", boundary)
dataset.write(REGRESSION_SCORES, scores, snakemake.output.scores, origin.of(snakemake))
