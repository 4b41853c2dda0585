"""Rank correlations against planted trends and counted intervals."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import mocks
from moirespin.analysis.paper_trends import TRENDS, agrees, correlate_trends, rank_correlation
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from small_scores import ANOTHERS, PAPERS


def test_every_statement_finds_its_numbers():
    regression = mocks.dataset(REGRESSION_SCORES, sample=40)
    generator = mocks.dataset(GENERATOR_SCORES, sample=30)
    generator["phase"][:] = np.arange(30) % 2 + 1
    table = correlate_trends(regression, generator, PAPERS)
    assert len(table) == len(TRENDS)
    assert table["correlation"].abs().le(1).all()
    assert set(table["samples"]) == {40, 30}
    assert set(table["agrees"]) <= {"yes", "no", "open"}
    other = correlate_trends(regression, generator, ANOTHERS)
    assert set(other["agrees"]) == {"another material than the paper's"}


def test_planted_trends_are_found():
    regression = mocks.dataset(REGRESSION_SCORES, sample=50)
    regression["percentage_error"][:, 1] = 1 / regression["exchange"].values
    generator = mocks.dataset(GENERATOR_SCORES, sample=50)
    generator["phase"][:] = np.arange(50) % 2 + 1
    generator["mae"][:] = generator["phase"].values[:, None] + generator["mae"].values / 100
    table = correlate_trends(regression, generator, PAPERS).set_index(["quantity", "along"])
    falls = table.loc[("percentage error of J", "J")]
    assert falls["correlation"] == pytest.approx(-1) and falls["agrees"] == "yes"
    rises = table.loc[("image MAE", "phase, MD after NCD")]
    assert rises["correlation"] > 0.8 and rises["agrees"] == "yes"


@pytest.mark.parametrize("slope", [0.0, 0.6, -1.5])
def test_interval_holds_the_truth_as_often_as_it_says(slope):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 200_000))
    truth = spearmanr(x[0], slope * x[0] + x[1]).statistic
    held = 0
    for _ in range(400):
        x, y = generator.normal(size=(2, 80))
        _, lower, upper, _ = rank_correlation(x, slope * x + y)
        held += lower <= truth <= upper
    assert 0.92 <= held / 400 <= 0.98


def test_pairs_without_a_number_are_left_out():
    x = np.arange(20.0)
    y = np.where(x > 15, np.nan, x)
    assert rank_correlation(x, y) == pytest.approx((1.0, 1.0, 1.0, 16))
    assert np.isnan(rank_correlation(x, np.ones(20))[0])
    assert np.isnan(rank_correlation(x[:5], x[:5])[0])


@pytest.mark.parametrize(
    ("sign", "lower", "upper", "verdict"),
    [
        (1, 0.1, 0.3, "yes"),
        (1, -0.1, 0.3, "open"),
        (1, -0.3, -0.1, "no"),
        (-1, -0.3, -0.1, "yes"),
        (0, -0.3, -0.05, "open"),
        (0, -0.1, 0.15, "yes"),
        (0, 0.1, 0.3, "open"),
        (0, 0.21, 0.3, "no"),
        (0, np.nan, np.nan, "open"),
    ],
)
def test_verdicts(sign, lower, upper, verdict):
    assert agrees(sign, lower, upper) == verdict
