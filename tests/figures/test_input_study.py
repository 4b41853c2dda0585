"""The study of inputs: each network is a curve, and clean images stand apart."""

import numpy as np
import pandas as pd

from drawn import find_panel, make_noise
from moirespin.figures import input_study

LEVELS = [40.0, 0.0, np.nan]
TABLE = pd.DataFrame(
    [
        {"parameter": parameter, "scaling": scaling, "trained": trained, "snr_db": level}
        for parameter in ("theta", "J", "D")
        for scaling in input_study.NAMES
        for trained in ("clean", "noisy")
        for level in LEVELS
    ]
)
TABLE = TABLE.assign(mape=np.arange(1.0, len(TABLE) + 1), median=1.0)


def test_every_network_is_a_curve_and_the_bound_is_drawn():
    _, noise = make_noise(6, levels=3)
    figure, table = input_study.draw(TABLE, noise)
    lines = find_panel(figure, "b").lines
    assert len(lines) == 9
    own = TABLE[(TABLE["parameter"] == "J")].iloc[:3]
    # From noisy to clean, the last point without noise.
    np.testing.assert_array_equal(lines[0].get_ydata(), own["mape"].iloc[[1, 0, 2]])
    np.testing.assert_array_equal(lines[0].get_xdata(), [0, 40, 40 + input_study.GAP_DB])
    assert {line.get_linestyle() for line in lines} == {"-", "--", ":"}
    bound = noise[noise["parameter"] == "J"].sort_values("snr_db")
    np.testing.assert_array_equal(lines[-1].get_ydata(), bound["bound"])
    assert len(table) == len(TABLE)
