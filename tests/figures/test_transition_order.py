"""The order of the transition is drawn as the table has it."""

import numpy as np
import pandas as pd

from drawn import find_panel
from moirespin.figures import transition_order


def test_jumps_and_metastability_are_those_of_the_table():
    rows = {"twist_index": [14, 14, 20, 20], "twist_angle_deg": [2.3, 2.3, 1.6, 1.6]}
    rows |= {"anisotropy_mev": [0.3, 0.1, 0.1, 0.3], "exchange_mev": [1.0, 2.0, 3.0, 4.0]}
    rows |= {"scaled": [5.3, 10.6, 7.7, 10.2], "below": [0.3, 0.1, 0.2, 0.4]}
    order = pd.DataFrame(rows | {"above": 0.001, "metastable_mev": [0.4, 0.0, 0.1, 0.5]})
    figure, table = transition_order.draw(order, threshold=0.05)
    first = find_panel(figure, "a").lines[0]
    np.testing.assert_allclose(first.get_xydata(), [(0.1, 0.099), (0.3, 0.299)])
    reach = find_panel(figure, "b").lines[1].get_ydata()
    np.testing.assert_allclose(reach, np.array([0.1, 0.5]) * 1.6**2)
    (points,) = find_panel(figure, "c").collections
    np.testing.assert_array_equal(points.get_offsets()[:, 0], order["scaled"])
    np.testing.assert_allclose(table["jump"], order["below"] - 0.001)
