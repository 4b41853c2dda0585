"""Random starts beside structured ones: rates, energies, and what is said without them."""

import pytest

import mocks
from moirespin.figures import random_starts
from moirespin.io.schemas.trials import CHALLENGE
from moirespin.states.robustness import TILTED


@pytest.fixture
def tested():
    trials = mocks.dataset(CHALLENGE, set=30, trial=4)
    return trials.assign_coords(trial=[TILTED, "random 0", "random 1", "random 2"])


def test_figure_plots_the_rates(tested):
    figure, table = random_starts.draw(tested, 0.01)
    best = tested["excess"].values[:, 1:].min(axis=1)
    assert sorted(table[table["panel"] == "b"]["excess_mev"]) == pytest.approx(sorted(best))
    rate = table[table["panel"] == "a"]
    assert rate["sets"].sum() == tested.sizes["set"]
    missed = (rate["missed_percent"] * rate["sets"]).sum() / 100
    assert missed == pytest.approx((best > 0.01).sum())
    assert (rate["lower_percent"] <= rate["missed_percent"] + 1e-9).all()
    assert "meV" in figure.axes[1].get_ylabel()
    assert "deg" in figure.axes[0].get_xlabel()


def test_figure_says_what_to_change_without_random_starts(tested):
    with pytest.raises(ValueError, match=r"challenge\.random_starts"):
        random_starts.draw(tested.isel(trial=[0]), 0.01)
