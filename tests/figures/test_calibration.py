"""Calibration: what is drawn are the numbers of the table."""

import numpy as np
import pytest

from drawn import READINGS, is_drawn
from moirespin.analysis.coverage import PARAMETERS
from moirespin.figures import calibration


def foreign(readings):
    """The same images, all far off and all called unexplained."""
    return readings.assign(distance_sigma=50.0, p_value=0.0, unexplained=True)


def test_calibration_shows_what_was_read(readings, tmp_path):
    readings["snr_db"] = np.linspace(-10, 40, READINGS)
    figure, table = calibration.draw(readings, foreign(readings))
    assert is_drawn(figure, tmp_path)
    ranks = table[table["item"] == "ranks"].groupby("parameter")["value"].sum()
    assert (ranks == READINGS - 1).all()
    widths = table[table["item"] == "width"]
    np.testing.assert_allclose(widths["x"], 1.2)
    far = table[table["item"] == "goodness_foreign"]
    assert len(far) == READINGS - 1 and (far["x"] == 50).all() and (far["value"] == 0).all()
    labels = [
        text.get_text()
        for axes in figure.axes
        if axes.get_legend()
        for text in axes.get_legend().texts
    ]
    assert f"foreign: {READINGS - 1} of {READINGS - 1}" in labels
    assert f"own: 1 of {READINGS - 1}" in labels
    whole = table[(table["item"] == "holds_95") & (table["group"] == "all")]
    for name in PARAMETERS:
        rank = readings[f"{name}_rank"][:-1]
        share = np.mean(np.abs(rank - 0.5) <= 0.475)
        assert whole.set_index("parameter")["value"][name] == pytest.approx(share)


def test_calibration_without_a_reading_says_so(readings, tmp_path):
    readings["outcome"] = "ferromagnet"
    figure, table = calibration.draw(readings, foreign(readings))
    assert is_drawn(figure, tmp_path) and len(table) == 1
