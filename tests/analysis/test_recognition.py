"""Recognition of another exchange: shares by distance, of images that were read."""

import numpy as np
import pandas as pd

from moirespin.analysis.recognition import tabulate_recognition


def images(distances, called):
    table = {"outcome": "read", "distance_sigma": distances, "unexplained": called}
    return pd.DataFrame(table)


def test_shares_by_distance():
    own = images([0.5, 1.0, 6.0, 20.0], [False, False, False, True])
    foreign = images([2.0, 7.0, 8.0, 30.0, 40.0, 50.0], [False, True, False, True, True, True])
    foreign.loc[5, "outcome"] = "refused: no period"
    table = tabulate_recognition(calibration=own, foreign=foreign)
    table = table.set_index(["source", "distance"])
    assert table.loc[("own", "all"), "called_share"] == 0.25
    assert table.loc[("own", "0 to 5"), "called"] == 0
    assert table.loc[("foreign", "from 5"), "called_share"] == 0.75
    assert table.loc[("foreign", "5 to 10"), "called_share"] == 0.5
    assert table.loc[("foreign", "all"), "images"] == 5
    for source in ("own", "foreign"):
        rows = table.loc[source]
        apart = rows.loc[["0 to 5", "5 to 10", "from 10"], "images"].sum()
        assert apart == rows.loc["all", "images"]
    # Images that no image of the model can be compared with have no distance.
    none = tabulate_recognition(calibration=own[:0], foreign=images([np.nan], [False]))
    assert none.set_index(["source", "distance"]).loc[("foreign", "from 5"), "images"] == 0
