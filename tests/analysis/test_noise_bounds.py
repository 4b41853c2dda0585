"""The bound under noise: its limits, and an estimate that reaches it."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.noise_bounds import compare_with_bound, least_deviations
from moirespin.io.schemas.beyond import SAMPLE_INFORMATION
from moirespin.io.schemas.scores import SNR_SCORES
from small_scores import RANGES, draw_box

COUNT = 4000
WIDTHS = np.ptp(RANGES, axis=1)


def make_information(matrix, count=COUNT):
    information = mocks.dataset(SAMPLE_INFORMATION, sample=count).assign_attrs(snr_db=20.0)
    information["information"][:] = matrix
    return information


def test_bound_is_that_of_cramer_and_rao_or_of_the_box():
    matrix = np.diag([1e4, 4e4, 1e6])
    matrix[0, 1] = matrix[1, 0] = 1e4
    information = make_information(matrix, count=2)
    weak = np.sqrt(np.diag(np.linalg.inv(matrix)))
    np.testing.assert_allclose(least_deviations(information, 60.0)[0], weak / 100, rtol=1e-4)
    np.testing.assert_allclose(least_deviations(information, -90.0)[0], 1 / np.sqrt(12), rtol=1e-4)
    information["information"][1] = np.nan
    assert np.isnan(least_deviations(information, 0.0)[1]).all()


def test_an_estimate_at_the_bound_has_its_errors():
    matrix = np.diag([1e4, 4e4, 1e6])
    information = make_information(matrix)
    information["information"][::4] = np.nan
    true = draw_box(COUNT)
    scores = mocks.dataset(SNR_SCORES, sample=COUNT, snr=2)
    scores["true"][:] = true
    scores["signal_power"][:], scores["contrast_power"][:] = 0.81, 0.0081
    normal = np.random.default_rng(0).standard_normal((2, COUNT, 3))
    levels = scores["snr"].values
    assert levels.tolist() == [40, -10]
    deviations = np.stack([least_deviations(make_information(matrix), level) for level in levels])
    scores["predicted"][:] = true + normal * deviations * WIDTHS
    twice = scores.assign(predicted=scores["true"] + 2 * (scores["predicted"] - scores["true"]))
    table = compare_with_bound(scores, twice.transpose(*scores.dims), information, ranges=RANGES)
    np.testing.assert_allclose(table["paper_over_bound"], 0.6745, rtol=0.06)
    np.testing.assert_allclose(table["joint_over_bound"], 2 * table["paper_over_bound"])
    assert (table["bounded"] == COUNT * 3 // 4).all()
    rows = table.set_index(["snr_db", "parameter"])
    for parameter in ("theta", "J"):
        row = rows.loc[(40.0, parameter)]
        assert row["paper_bounded"] == pytest.approx(row["bound"], rel=0.06)
    assert rows.loc[(40.0, "D"), "sigma"] == pytest.approx(0.9e-2)
    assert rows.loc[(40.0, "D"), "contrast_snr_db"] == pytest.approx(20.0)


def test_scores_of_other_samples_are_refused():
    scores = mocks.dataset(SNR_SCORES, sample=3, snr=2)
    with pytest.raises(ValueError, match="other samples"):
        compare_with_bound(scores, scores, make_information(np.eye(3), count=4), ranges=RANGES)
