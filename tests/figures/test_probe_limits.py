"""Limits of the probes: medians over states."""

import numpy as np
import pandas as pd

from drawn import is_drawn
from moirespin.figures import probe_limits

STUDY = {
    "area_nm2": 4e4,
    "pixel_nm": 1.0,
    "noise_spin": 0.1,
    "noise_ut": 10.0,
    "point_spread_nm": [0.5, 2.0],
    "height_nm": [2.0, 8.0],
}


def test_probe_figure_holds_medians_over_states(tmp_path):
    rows = []
    for varied, values in (
        ("twist_deg", (1.1, 2.0)),
        ("point_spread_nm", (0.5, 2.0)),
        ("height_nm", (2.0, 8.0)),
    ):
        for value in values:
            for state in range(5):
                bounds = {"exchange_bound": 0.01 * value * state, "anisotropy_bound": np.inf}
                about = {"varied": varied, "value": value, "phase": "NCD", "gain": "free"}
                rows.append(about | {"channel": "stray-field"} | bounds)
            # Two states of a phase are too few for a median.
            rows += [about | {"channel": "net", "phase": "MD"} | bounds] * 2
    figure, table = probe_limits.draw(pd.DataFrame(rows), study=STUDY)
    assert is_drawn(figure, tmp_path)
    assert set(table["phase"]) == {"NCD"}
    exchange = table[table["bound"] == "exchange_bound"]
    np.testing.assert_allclose(exchange["percent"], 2 * exchange["value"])
