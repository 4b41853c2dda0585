"""Score the parameters estimated from the images of the test set."""

from typing import TYPE_CHECKING

from moirespin import dataset, runtime
from moirespin.analysis import score_regression

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
predictions = dataset.read("parameter_predictions", snakemake.input.predictions)
lines = dataset.read("phase_lines", snakemake.input.lines)
scores = score_regression(predictions, lines, snakemake.params.ranges)
for boundary in scores["boundary"].values[scores["distance"].isnull().all("sample").values]:
    logger.info("there is no %s boundary: distances to it are NaN", boundary)
dataset.write("regression_scores", scores, snakemake.output.scores)
