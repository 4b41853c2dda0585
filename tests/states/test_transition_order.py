"""Order of the transition on small cells: jumps are those of the two branches."""

import numpy as np
import pytest

from moirespin.states.phase_lines import NO_STATE, Branch
from moirespin.states.phases import Thresholds
from moirespin.states.transition_order import STEP_MEV, examine_transition, order_parameter

THRESHOLDS = Thresholds(0.9999, 0.05)


def test_order_parameter_is_the_difference_of_the_layers():
    spins = np.zeros((2, 8))
    spins[1] = 1
    spins[1, 0] = -1
    # Three of four spins up in one layer, all in the other.
    assert order_parameter(Branch(0.0, 0.0, spins)) == pytest.approx(0.5)
    assert np.isnan(order_parameter(NO_STATE))


@pytest.mark.slow
def test_a_first_order_point_jumps_and_has_a_metastable_domain_state(couplings, solver):
    table = examine_transition(
        16,
        couplings(16),
        anisotropy_mev=np.array([0.3]),
        exchange_mev=(0.4, 4.0),
        thresholds=THRESHOLDS,
        solver=solver,
        rounds=10,
        lanes=16,
    )
    (row,) = table.to_dict("records")
    assert row["below"] > 0.15 and row["above"] < 0.01
    assert row["metastable_mev"] >= STEP_MEV
    assert row["scaled"] == pytest.approx(row["exchange_mev"] * row["twist_angle_deg"] ** 2)
