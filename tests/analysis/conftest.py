"""Predictions and scores that the tests of the analysis share."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.error_pca import error_pca
from moirespin.analysis.regression_summary import regression_summary
from moirespin.analysis.scores import score_generator, score_regression
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from small_scores import PAPERS, RANGES, RESAMPLING, WINDOW, draw_box, make_lines, set_parameters


@pytest.fixture
def predictions():
    drawn = mocks.dataset(PARAMETER_PREDICTIONS, sample=200)
    true = draw_box(200)
    drawn["true"][:] = true
    drawn["predicted"][:] = true * np.random.default_rng(1).normal(1, 0.01, true.shape)
    return set_parameters(drawn, true)


@pytest.fixture
def samples():
    drawn = mocks.dataset(DATASET, sample=500, y=2, x=2)
    return set_parameters(drawn, draw_box(500, seed=2))


@pytest.fixture
def regression_scores(predictions):
    return score_regression(predictions, make_lines(), RANGES)


@pytest.fixture
def generator_scores():
    drawn = mocks.dataset(IMAGE_PREDICTIONS, sample=80, y=5, x=5)
    drawn = set_parameters(drawn, draw_box(80))
    drawn["phase"][:] = np.arange(80) % 2 + 1
    return score_generator(drawn, make_lines(), RANGES)


@pytest.fixture
def summary(regression_scores):
    pca = error_pca(regression_scores, Resampling(50, 0))
    return regression_summary(
        regression_scores,
        pca,
        window=WINDOW,
        bins=10,
        ranges=RANGES,
        material=PAPERS,
        resampling=RESAMPLING,
    )
