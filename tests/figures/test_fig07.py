"""Figure 7: levels of noise, and the bound."""

import numpy as np

from drawn import find_panel, make_noise
from moirespin.figures import fig07


def test_noise_panels_take_the_nearest_levels():
    scores, noise = make_noise(8, levels=6)
    figure, table = fig07.draw(scores, noise, snr_db=[100, 12, 8])
    shown = table.dropna(subset="predicted")
    assert sorted(shown["snr_db"].unique()) == [10, 40]
    line = find_panel(figure, "e").lines[0]
    expected = scores["mape"].sel(parameter="exchange").values
    np.testing.assert_allclose(line.get_ydata(), expected[::-1])


def test_the_table_of_noise_is_drawn_as_it_is():
    scores, noise = make_noise(8, levels=6)
    figure, _ = fig07.draw(scores, noise, snr_db=[10])
    own = noise[noise["parameter"] == "J"].sort_values("snr_db")
    drawn = [line.get_ydata() for line in find_panel(figure, "e").lines]
    np.testing.assert_array_equal(drawn, own[["paper", "joint", "bound"]].T)
    ratio = find_panel(figure, "h").lines[1]
    np.testing.assert_array_equal(ratio.get_ydata(), own["joint_over_bound"])
