"""The curve over training samples: fits, the joint network's point and the paper's."""

import numpy as np
import pandas as pd
import pytest

import mocks
from moirespin.figures import sample_curve
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS

CURVE = pd.DataFrame(
    {
        "parameter": ["exchange"] * 3,
        "training_samples": [100, 400, 1600],
        "mape": [16.0, 8.0, 4.0],
        "error": [0.1] * 3,
    }
)


def test_power_law_joint_network_and_paper_are_drawn():
    joint = mocks.dataset(PARAMETER_PREDICTIONS, sample=5)
    joint["predicted"][:] = 1.02 * joint["true"]
    figure, table = sample_curve.draw(CURVE, joint)
    rows = table.set_index("item")
    assert rows.loc["fit", "slope"].unique() == pytest.approx([-0.5])
    assert rows.loc["joint", ["training_samples", "mape"]].tolist() == pytest.approx([1600, 2.0])
    assert rows.loc["paper", ["training_samples", "mape"]].tolist() == [13836, 1.22]
    (axes,) = figure.axes
    drawn = {(float(x), float(y)) for line in axes.lines for x, y in line.get_xydata()}
    assert (13836, 1.22) in drawn
    assert np.isclose([y for x, y in drawn if x == 1600], 2.0).any()
