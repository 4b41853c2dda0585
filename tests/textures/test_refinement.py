"""Sets put where domains change fastest."""

import numpy as np
import pytest

from moirespin.states.parameter_space import Box
from moirespin.textures.refinement import halfway

BOX = Box((1.0, 10.0), (0.01, 0.3))


@pytest.fixture
def sets():
    ends = np.array([BOX.exchange_mev, BOX.anisotropy_mev])
    return ends[:, 0] + np.random.default_rng(1).random((300, 2)) * (ends[:, 1] - ends[:, 0])


def gap_at(jump, sets):
    """Return the mean distance (meV) in J of the closest sets on both sides, at ten D."""
    slices = np.digitize(sets[:, 1], np.linspace(*BOX.anisotropy_mev, 11)[1:-1])
    exchanges = [sets[slices == one, 0] for one in range(10)]
    return np.mean([own[own >= jump].min() - own[own < jump].max() for own in exchanges])


def test_sets_gather_at_a_jump_and_close_in_on_it(sets):
    gap = gap_at(4, sets)
    for _ in range(4):
        order = np.where(sets[:, 0] < 4, 0.8, 0.4)
        more = halfway(sets, order, np.ones(len(sets)), count=40, box=BOX)
        # As many points drawn at random would lie 2.5 meV off on average.
        assert len(more) == 40 and np.abs(more[:, 0] - 4).mean() < 0.5
        sets = np.concatenate([sets, more])
    assert gap_at(4, sets) < 0.3 * gap
    assert len(np.unique(sets, axis=0)) == len(sets)


def test_edges_to_sets_without_domains_or_far_above_the_ground_state_do_not_count(sets):
    order = np.where(sets[:, 0] < 4, 0.8, 0.4)
    order[sets[:, 1] > 0.2] = np.nan
    relevance = np.where(sets[:, 1] < 0.1, 0.0, 1.0)
    more = halfway(sets, order, relevance, count=10, box=BOX)
    assert len(more) == 10
    assert more[:, 1].min() > 0.09 and more[:, 1].max() < 0.2


def test_a_new_set_is_the_middle_of_two_neighbours_that_differ():
    corners = np.array([[1.0, 0.01], [10.0, 0.01], [1.0, 0.3], [14.0, 0.5]])
    order = np.array([0.9, 0.1, 0.9, np.nan])
    more = halfway(corners, order, np.ones(4), count=9, box=BOX)
    assert {tuple(np.round(row, 3)) for row in more} == {(5.5, 0.01), (5.5, 0.155)}
    again = np.concatenate([corners, more[:1]])
    known = halfway(again, np.append(order, np.nan), np.ones(5), count=9, box=BOX)
    assert not (known[:, None] == again[None]).all(axis=-1).any()


def test_nothing_is_put_where_there_are_no_domains_or_where_they_do_not_change(sets):
    for order in (np.nan, 0.5):
        own = np.full(len(sets), order)
        assert halfway(sets, own, np.ones(len(sets)), count=5, box=BOX).shape == (0, 2)
