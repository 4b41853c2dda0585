"""Twist angles and parameter sets of the texture model on request."""

import numpy as np
import pytest

from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Sweep, draw_parameters
from moirespin.textures.angles import (
    LEAST_RATIO,
    Angle,
    draw_sets,
    held_out,
    limit_exchanges,
    list_angles,
)

BOX = Box((1.0, 10.0), (0.01, 0.3))
SWEEP = Sweep((10, 12), 5, 5, BOX)
BLOCK = {
    "further_share": 0.5,
    "more_angles": [{"twist_index": 7, "sets": 3}],
    "small_angles": [{"twist_index": 40, "sets": 2000}],
}


def test_angles_of_the_sweep_and_others_are_listed_by_index():
    assert list_angles(SWEEP, BLOCK) == [
        Angle(7, 3, small=False, further_sets=2),
        Angle(10, 5, small=False, further_sets=2),
        Angle(12, 5, small=False, further_sets=2),
        Angle(40, 2000, small=True),
    ]


def test_an_angle_named_twice_is_refused():
    twice = BLOCK | {"more_angles": [{"twist_index": 12, "sets": 3}]}
    with pytest.raises(ValueError, match="twist index 12"):
        list_angles(SWEEP, twice)


def test_sets_of_the_box_are_those_of_a_sweep():
    own = draw_sets(Angle(10, 5, small=False), BOX, least_exchange_mev=0.1, seed=3)
    np.testing.assert_array_equal(own, draw_parameters(3, 10, range(5), box=BOX))


def test_held_out_sets_stay_the_same_when_more_are_drawn():
    few, many = (
        held_out(Angle(10, count, small=False), share=0.25, seed=3) for count in (400, 2000)
    )
    np.testing.assert_array_equal(few, many[:400])
    assert 0.2 < many.mean() < 0.3
    assert (held_out(Angle(11, 400, small=False), share=0.25, seed=3) != few).any()


def test_at_small_angles_walls_are_no_narrower_than_a_supercell_resolves():
    exchange, anisotropy = draw_sets(
        Angle(40, 2000, small=True), BOX, least_exchange_mev=0.1, seed=3
    ).T
    assert exchange.min() >= 0.1
    assert (exchange / anisotropy).min() >= LEAST_RATIO
    assert 9 < exchange.max() <= 10
    # As many in each octave, as far as the walls allow.
    thin = anisotropy < 0.05
    counts = np.histogram(np.log2(exchange[thin]), bins=np.log2([0.2, 0.4, 0.8, 1.6, 3.2]))[0]
    assert counts.min() > 0.6 * counts.max()


def test_stability_limits_span_the_box_and_are_left_out_where_supercells_are_large():
    own = limit_exchanges(Angle(10, 5, small=False), BOX, least_exchange_mev=0.1)
    assert own[0] == 1 and own[-1] == 10
    assert limit_exchanges(Angle(36, 5, small=True), BOX, least_exchange_mev=0.1)[0] < 0.11
    assert not len(limit_exchanges(Angle(90, 5, small=True), BOX, least_exchange_mev=0.1))
