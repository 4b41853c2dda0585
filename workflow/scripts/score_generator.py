"""Score the images generated from the parameters of the test set."""

from typing import TYPE_CHECKING

import numpy as np

from moirespin import dataset, origin, packed, runtime
from moirespin.analysis import magnetization_errors, score_generator
from moirespin.schemas.images import IMAGE_PREDICTIONS
from moirespin.schemas.scores import GENERATOR_SCORES
from moirespin.schemas.states import PHASE_LINES

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = runtime.start(snakemake.log[0])
lines = dataset.read(PHASE_LINES, snakemake.input.lines)
with packed.opened(IMAGE_PREDICTIONS, snakemake.input.predictions) as predictions:
    scores = score_generator(predictions, lines, snakemake.params.ranges)
for boundary in scores["boundary"].values[scores["distance"].isnull().all("sample").values]:
    logger.info("there is no %s boundary: distances to it are NaN", boundary)
_, relative = magnetization_errors(scores)
logger.info("%d samples have no relative magnetisation error", np.isnan(relative).sum())
dataset.write(GENERATOR_SCORES, scores, snakemake.output.scores, origin.of(snakemake))
