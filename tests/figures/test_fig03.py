"""Figure 3: estimates are drawn as they are."""

import numpy as np

import mocks
from drawn import REGRESSION, find_panel, make_profiles
from moirespin.figures import fig03
from moirespin.io import netcdf
from moirespin.io.schemas.scores import REGRESSION_SCORES


def test_estimates_are_drawn_as_they_are():
    scores = mocks.dataset(REGRESSION_SCORES, sample=30)
    figure, table = fig03.draw(scores, make_profiles(REGRESSION))
    for parameter, panel in zip(netcdf.PARAMETERS, "abc", strict=True):
        drawn = np.concatenate([c.get_offsets() for c in find_panel(figure, panel).collections])
        chosen = scores.sel(parameter=parameter)
        expected = np.stack([chosen["true"], chosen["predicted"]], axis=1)
        np.testing.assert_array_equal(
            drawn[drawn[:, 0].argsort()], expected[expected[:, 0].argsort()]
        )
        rows = table[table["panel"] == panel]
        np.testing.assert_array_equal(rows["predicted"], chosen["predicted"])
        assert list(rows["phase"]) == [netcdf.PHASES[flag] for flag in chosen["phase"].values]


def test_a_single_twist_angle_found_exactly_is_drawn():
    scores = mocks.dataset(REGRESSION_SCORES, sample=5)
    scores["true"].loc[{"parameter": "twist_angle"}] = 3.89
    scores["predicted"].loc[{"parameter": "twist_angle"}] = 3.89
    profiles = make_profiles(REGRESSION)
    profiles["lower"].loc["twist_angle"] = profiles["upper"].loc["twist_angle"] = 3.89
    figure, _ = fig03.draw(scores, profiles)
    low, high = find_panel(figure, "a").get_xlim()
    assert low < 3.89 < high
    assert "nan" in find_panel(figure, "a").texts[0].get_text()


def test_perfect_estimates_have_unit_determination():
    true = np.array([1.0, 2.0, 4.0])
    assert fig03.coefficient_of_determination(true, true) == 1
    assert fig03.coefficient_of_determination(true, np.full(3, true.mean())) == 0
    assert np.isnan(fig03.coefficient_of_determination(np.ones(3), true))
