"""Score the images generated from the parameters of the test set."""

from typing import TYPE_CHECKING

import numpy as np

from moirespin.analysis.scores import magnetization_errors, score_generator
from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

logger = jobs.start(snakemake)
lines = netcdf.read(PHASE_LINES, snakemake.input.lines)
with packed_images.opened(IMAGE_PREDICTIONS, snakemake.input.predictions) as predictions:
    scores = score_generator(predictions, lines, Ranges(**snakemake.params.ranges))
for boundary in scores["boundary"].values[scores["distance"].isnull().all("sample").values]:
    logger.info("there is no %s boundary: distances to it are NaN", boundary)
_, relative = magnetization_errors(scores)
logger.info("%d samples have no relative magnetisation error", np.isnan(relative).sum())
netcdf.write(GENERATOR_SCORES, scores, snakemake.output.scores, provenance.of(snakemake))
