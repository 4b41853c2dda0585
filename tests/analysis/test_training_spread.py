"""Spread over trainings by hand."""

import numpy as np
import pytest

from moirespin.analysis.training_spread import tabulate_spread
from small_scores import RANGES, RESAMPLING, draw_box


def test_mean_and_spread_are_those_of_the_trainings():
    true = draw_box(50)
    # Trainings that are wrong by 1, 2 and 6 % everywhere.
    estimates = {"paper": np.stack([true * share for share in (1.01, 0.98, 1.06)])}
    table = tabulate_spread(true, estimates, ranges=RANGES, resampling=RESAMPLING)
    rows = table.set_index("quantity")
    for name in ("theta", "J", "D"):
        row = rows.loc[f"MAPE of {name} (%)"]
        assert row["mean"] == pytest.approx(3) and row["spread"] == pytest.approx(np.sqrt(7))
        assert (row["lowest"], row["highest"]) == pytest.approx((1, 6))
        assert row["error"] == pytest.approx(0, abs=1e-9) and row["samples"] == 50
    # The direction of the errors is the same, so that trainings do not differ in it.
    assert rows.loc["variance along PC1 (%)", "spread"] == pytest.approx(0, abs=1e-6)


def test_error_over_samples_is_not_spread_over_trainings():
    true = draw_box(200)
    wrong = np.random.default_rng(0).normal(0, 0.05, true.shape)
    estimates = {"joint": np.stack([true * (1 + wrong)] * 2)}
    table = tabulate_spread(true, estimates, ranges=RANGES, resampling=RESAMPLING)
    assert table["spread"].max() == pytest.approx(0, abs=1e-9)
    assert table["error"].dropna().gt(0.1).all()


def test_one_training_has_no_spread():
    true = draw_box(20)
    table = tabulate_spread(true, {"joint": 1.1 * true[None]}, ranges=RANGES, resampling=RESAMPLING)
    assert table["spread"].isna().all() and table["trainings"].eq(1).all()
