"""Coverage: shares of ranks in closed form, groups that add up, failures counted apart."""

import numpy as np
import pandas as pd
import pytest

from moirespin.analysis import coverage

COUNT = 200


@pytest.fixture
def calibration():
    """Ranks that are exactly uniform, widths of 1.1 bounds."""
    ranks = (np.arange(COUNT) + 0.5) / COUNT
    table = {
        "outcome": ["read"] * COUNT,
        "phase": ["NCD", "MD"] * (COUNT // 2),
        "channel": ["net", "top", "both", "both"] * (COUNT // 4),
        "units": ["spin"] * COUNT,
        "snr_db": np.linspace(-10, 40, COUNT),
        "fm_line_distance_mev": np.linspace(0.001, 0.3, COUNT),
        "unexplained": np.arange(COUNT) == 7,
    }
    for name, true in zip(coverage.PARAMETERS, (1.5, 3.0, 0.1), strict=True):
        table |= {name: true, f"{name}_rank": ranks, f"{name}_std": 0.11, f"{name}_bound": 0.1}
        table |= {f"{name}_error": 0.02 * true}
    return pd.DataFrame(table)


def row_of(table, group="all", value="all", parameter="exchange_mev"):
    chosen = (table["group"] == group) & (table["value"] == value)
    return table[chosen & (table["parameter"] == parameter)].iloc[0]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_uniform_ranks_are_held_as_often_as_they_should(share):
    ranks = (np.arange(1000) + 0.5) / 1000
    assert np.mean(coverage.holds(ranks, share)) == pytest.approx(share, abs=0.001)


def test_numbers_of_a_right_calibration(calibration):
    whole = row_of(coverage.tabulate_coverage(calibration))
    assert whole["images"] == whole["read"] == COUNT
    assert whole["holds_95"] == pytest.approx(0.95)
    assert whole["holds_50"] == pytest.approx(0.5)
    assert whole["holds_95_error"] == pytest.approx(np.sqrt(0.95 * 0.05 / COUNT), rel=0.05)
    assert whole["width"] == pytest.approx(1.1)
    assert whole["error_percent"] == pytest.approx(2.0)
    assert whole["low_goodness"] == 1 / COUNT


def test_groups_add_up_and_refusals_are_counted_apart(calibration):
    calibration.loc[:9, "outcome"] = "refused: no period"
    calibration.loc[:9, "exchange_mev_rank"] = np.nan
    table = coverage.tabulate_coverage(calibration)
    own = table[table["parameter"] == "exchange_mev"]
    for group, rows in own.groupby("group"):
        assert rows["images"].sum() == COUNT, group
        assert rows["read"].sum() == COUNT - 10, group
    assert row_of(table)["holds_95"] == pytest.approx(185 / 190)


def test_narrow_error_bars_are_found_out(calibration):
    calibration["exchange_mev_rank"] = np.where(np.arange(COUNT) % 2, 0.0, 1.0)
    whole = row_of(coverage.tabulate_coverage(calibration))
    assert whole["holds_95"] == 0 and whole["missed"] == 1
    assert 0 < coverage.binomial_error(0.0, COUNT) < coverage.binomial_error(0.0, 20) < 0.1


def test_nothing_read_leaves_counts(calibration):
    calibration["outcome"] = "ferromagnet"
    table = coverage.tabulate_coverage(calibration)
    assert (table["read"] == 0).all()
