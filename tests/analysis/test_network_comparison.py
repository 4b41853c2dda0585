"""The table that sets the joint network beside the paper's."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.network_comparison import compare_networks
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS


def make_predictions(percent):
    """Return predictions that are off by `percent` (sample, parameter)."""
    found = mocks.dataset(PARAMETER_PREDICTIONS, sample=len(percent))
    found["predicted"] = found["true"] * (1 + np.asarray(percent) / 100)
    return found.assign(phase=("sample", np.tile([1, 2], len(percent) // 2)))


def test_comparison_by_hand():
    paper = make_predictions([[1, 2, -4], [3, 2, 4], [1, 2, -4], [3, 2, 4]])
    joint = make_predictions([[1, 1, 2], [-1, 1, 0], [1, -1, 2], [-1, 1, 0]])
    table = compare_networks(paper, joint).set_index(["parameter", "group"])
    row = table.loc["twist_angle", "all"]
    assert row["samples"] == 4
    numbers = row[["paper_mape", "joint_mape", "ratio", "difference"]].astype(float)
    np.testing.assert_allclose(numbers, [2, 1, 0.5, -1])
    # Differences 0, -2, 0, -2: deviation 2 / sqrt(3), four of them.
    assert row["difference_error"] == pytest.approx(1 / np.sqrt(3))
    np.testing.assert_allclose(table.loc["anisotropy", "NCD"]["joint_mape"], 2)
    np.testing.assert_allclose(table.loc["anisotropy", "MD"]["ratio"], 0, atol=1e-9)
    assert table.loc["exchange", "MD"]["samples"] == 2
    np.testing.assert_allclose(table.loc["exchange"]["ratio"], 0.5)


def test_other_samples_are_not_compared():
    paper, joint = make_predictions(np.ones((4, 3))), make_predictions(np.ones((4, 3)))
    joint["true"][0, 0] += 1
    with pytest.raises(ValueError, match="of other samples"):
        compare_networks(paper, joint)
