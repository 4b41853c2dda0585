"""The paper's statements against planted trends and counted intervals."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import mocks
from moirespin.analysis.error_profiles import profile_generator, profile_regression
from moirespin.analysis.paper_statements import EITHER, STATEMENTS
from moirespin.analysis.paper_trends import (
    Interval,
    agrees,
    examine_statements,
    find_by_rank,
    find_by_ratio,
    rank_correlation,
    ratio_of_halves,
)
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from small_scores import ANOTHERS, PAPERS, RANGES, WINDOW, draw_box, set_parameters

COUNT = 1000


def examine(plant, material=PAPERS):
    """Return the table by panel and axis, of scores to which `plant` has done something."""
    places = draw_box(COUNT)
    samples = set_parameters(mocks.dataset(DATASET, sample=COUNT, y=2, x=2), places)
    # Fewer training samples at large J, as in the paper.
    samples["split"][:] = np.where(places[:, 1] > 5, 2, 0)
    regression = set_parameters(mocks.dataset(REGRESSION_SCORES, sample=COUNT), places)
    generator = set_parameters(mocks.dataset(GENERATOR_SCORES, sample=COUNT), places)
    for scores in (regression, generator):
        scores["phase"][:] = 1 + np.arange(COUNT) % 2
    regression["percentage_error"] = abs(regression["percentage_error"])
    generator["mae"] = abs(generator["mae"])
    plant(regression, generator)
    box = {"bins": 10, "ranges": RANGES}
    return examine_statements(
        regression,
        generator,
        regression_profiles=profile_regression(regression, samples, **box),
        generator_profiles=profile_generator(generator, samples, **box),
        window=WINDOW,
        material=material,
    ).set_index(["panel", "along"])


def test_every_statement_has_a_sentence_numbers_and_a_verdict():
    table = examine(lambda regression, generator: None)
    assert len(table) == len(STATEMENTS)
    assert table["sentence"].str.len().gt(20).all() and table["section"].str.startswith("III").all()
    assert set(table["agrees"]) <= {"yes", "no", "open", "mixed"}
    drawn = table.drop("5", level="panel")
    assert drawn["ratio"].notna().all() and table.loc["5", "ratio"].isna().all()
    # Pure noise: hardly anything is found along a parameter.
    assert table["by_rank"].isin(["rises", "falls"]).sum() <= 1
    other = examine(lambda regression, generator: None, ANOTHERS)
    assert set(other["agrees"]) == {"another material than the paper's"}


def test_planted_changes_are_found_along_counts_parameters_and_phases():
    def plant(regression, generator):
        regression["error"][:, 1] = regression["exchange"].values
        regression["percentage_error"][:, 1] = 1 / regression["exchange"].values
        generator["mae"] += 3.0 * (generator["phase"] == 2)

    table = examine(plant)
    scarce = table.loc[("4e", "training samples in the bin of J")]
    assert scarce["correlation"] < -0.8 and scarce["by_bins"] == "falls"
    assert scarce["agrees"] == "yes"
    assert table.loc[("3e", "J"), "correlation"] == pytest.approx(-1)
    assert table.loc[("3e", "J"), "agrees"] == "yes"
    assert table.loc[("8b", "phase, MD after NCD"), "agrees"] == "yes"
    assert table.loc[("8b", "phase, MD after NCD"), "ratio"] > 3


def test_a_rise_at_one_end_is_seen_by_bins_where_ranks_miss_it():
    def plant(regression, generator):
        # The largest tenth of D has errors of four times the size, the others fall slightly.
        place = regression["anisotropy"].values / 0.3
        regression["error"][:, 0] = np.where(place > 0.9, 10.0, 1.0 - 0.1 * place)

    row = examine(plant).loc[("4c", "D")]
    assert row["by_rank"] == "falls" and row["by_bins"] == "rises"
    assert row["agrees"] == "no"


def test_the_rise_at_small_anisotropy_looks_at_small_anisotropies_only():
    def plant(regression, generator):
        place = regression["anisotropy"].values / 0.3
        regression["error"][:, 2] = np.where(place < 0.2, 2.0, 1.0 + 5 * (place > 0.5))

    table = examine(plant)
    assert table.loc[("4i", "D"), "agrees"] == "yes"
    assert table.loc[("4i", "D"), "ratio"] == pytest.approx(0.5)


def test_the_bin_of_cri3_is_set_against_the_others():
    def plant(regression, generator):
        own = np.abs(generator["exchange"].values - 2.35) < 0.45
        generator["true_magnetization"][:] = 0.5
        # An error of 2 % in the bin from 1.9 to 2.8 meV, of 4 % elsewhere.
        generator["predicted_magnetization"][:] = np.where(own, 0.51, 0.52)[:, None]

    row = examine(plant).loc[("10b", "CrI3 in the bin of J")]
    assert row["ratio"] == pytest.approx(0.5)
    assert np.isnan(row["correlation"]) and row["agrees"] == "yes"


def test_ratio_of_halves_by_hand():
    places = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    means = np.array([7.0, 1.0, 3.0, 4.0, 8.0])
    # Lower half: places 1 and 2, mean 2; upper half: places 4 and 5, mean 6.
    ratio = ratio_of_halves(places, means, np.zeros(5))
    assert ratio == pytest.approx((3, 3, 3))
    errors = np.array([0.0, 0.2, 0.0, 0.0, 0.6])
    ratio = ratio_of_halves(places, means, errors)
    spread = 1.96 * np.hypot(0.2 / 2 / 2, 0.6 / 2 / 6)
    assert np.log(ratio.upper / ratio.value) == pytest.approx(spread)
    assert np.isnan(ratio_of_halves(places[:1], means[:1], errors[:1]).value)
    means[[1, 2]] = np.nan
    assert ratio_of_halves(places, means, np.zeros(5)).value == pytest.approx(4 / 7)


@pytest.mark.parametrize("slope", [0.0, 0.6, -1.5])
def test_interval_holds_the_truth_as_often_as_it_says(slope):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 200_000))
    truth = spearmanr(x[0], slope * x[0] + x[1]).statistic
    held = 0
    for _ in range(400):
        x, y = generator.normal(size=(2, 80))
        interval, _ = rank_correlation(x, slope * x + y)
        held += interval.lower <= truth <= interval.upper
    assert 0.92 <= held / 400 <= 0.98


def test_pairs_without_a_number_are_left_out():
    x = np.arange(20.0)
    y = np.where(x > 15, np.nan, x)
    interval, count = rank_correlation(x, y)
    assert interval == pytest.approx((1.0, 1.0, 1.0)) and count == 16
    assert np.isnan(rank_correlation(x, np.ones(20))[0].value)
    assert np.isnan(rank_correlation(x[:5], x[:5])[0].value)


@pytest.mark.parametrize(
    ("value", "lower", "upper", "finding"),
    [
        (0.3, 0.1, 0.5, "rises"),
        (0.15, 0.05, 0.25, "open"),
        (0.15, 0.12, 0.18, "no correlation"),
        (0.0, -0.3, 0.3, "open"),
        (0.3, -0.1, 0.7, "open"),
        (np.nan, np.nan, np.nan, "open"),
    ],
)
def test_findings_treat_both_signs_alike(value, lower, upper, finding):
    mirrored = {"rises": "falls"}.get(finding, finding)
    assert find_by_rank(Interval(value, lower, upper)) == finding
    assert find_by_rank(Interval(-value, -upper, -lower)) == mirrored


def test_findings_of_ratios_treat_a_ratio_and_its_inverse_alike():
    assert find_by_ratio(Interval(2.0, 1.5, 2.7)) == "rises"
    assert find_by_ratio(Interval(1 / 2.0, 1 / 2.7, 1 / 1.5)) == "falls"
    assert find_by_ratio(Interval(1.05, 0.95, 1.16)) == "no correlation"
    assert find_by_ratio(Interval(1.1, 0.7, 1.7)) == "open"


@pytest.mark.parametrize(
    ("sign", "found", "verdict"),
    [
        (1, ("rises", "rises"), "yes"),
        (1, ("rises", "open"), "yes"),
        (1, ("no correlation", "rises"), "mixed"),
        (1, ("no correlation", "falls"), "no"),
        (0, ("no correlation", "open"), "yes"),
        (0, ("falls", "rises"), "no"),
        (EITHER, ("falls", "rises"), "yes"),
        (EITHER, ("no correlation", "open"), "no"),
        (-1, ("open", "open"), "open"),
    ],
)
def test_verdicts(sign, found, verdict):
    assert agrees(sign, *found) == verdict
