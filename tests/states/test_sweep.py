"""Shards and draws: nothing depends on how the sweep is cut."""

import numpy as np
import pytest

from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Shard, draw_directions, draw_parameters, draw_split, list_shards

BOX = Box((1.0, 10.0), (0.01, 0.3))
RECORDED_PARAMETERS = [
    [2.8464080526137048, 0.2381374530119258],
    [7.2438243016635475, 0.24235653398652157],
]
RECORDED_SPLIT = [0.9141247156682522, 0.32757826359330644]
RECORDED_START = [[0.8653665, -0.8281376], [0.3948166, 0.1454068], [-0.3086432, 0.5413363]]


@pytest.mark.parametrize(("sets", "size"), [(7, 3), (80, 80), (5, 9), (9, 3), (1, 1), (920, 37)])
def test_shards_cover_each_set_once(sets, size):
    shards = list_shards([8, 20, 32], sets, size)
    covered = [(s.twist_index, n) for s in shards for n in range(s.start, s.stop)]
    assert covered == [(m, n) for m in (8, 20, 32) for n in range(sets)]
    assert all(0 < shard.stop - shard.start <= size for shard in shards)
    assert len({(shard.twist_index, shard.chunk) for shard in shards}) == len(shards)


def test_growing_by_whole_shards_keeps_the_others():
    assert set(list_shards([8], 6, 3)) < set(list_shards([8, 9], 12, 3))
    assert list_shards([8], 4, 3)[1] == Shard(8, 1, 3, 4)


def test_draws_do_not_depend_on_the_cut():
    whole = draw_parameters(1, 9, range(20), box=BOX)
    parts = [draw_parameters(1, 9, range(n, min(n + 3, 20)), box=BOX) for n in range(0, 20, 3)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_draws_fill_the_box_uniformly():
    draws = draw_parameters(1, 9, range(4000), box=BOX)
    for column, (lower, upper) in enumerate(BOX):
        share = (draws[:, column] - lower) / (upper - lower)
        assert share.min() >= 0
        assert share.max() < 1
        counts = np.bincount((10 * share).astype(int), minlength=10)
        # Five standard deviations of a bin of 400.
        assert np.abs(counts - 400).max() < 95
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.08


def test_seeds_angles_and_numbers_give_other_draws():
    draws = [draw_parameters(seed, m, range(3), box=BOX) for seed in (1, 2) for m in (8, 9)]
    assert len(np.unique(np.concatenate(draws)[:, 0])) == 12


def test_draws_are_the_same_for_ever():
    """Recorded: a new NumPy must not move the data set."""
    np.testing.assert_allclose(
        draw_parameters(2024, 8, range(2), box=BOX), RECORDED_PARAMETERS, rtol=1e-14
    )
    np.testing.assert_allclose(
        draw_split(2024, np.array([8, 9]), np.array([0, 5])), RECORDED_SPLIT, rtol=1e-14
    )
    np.testing.assert_allclose(
        draw_directions(2024, 8, 0, start=0, sites=2), RECORDED_START, atol=1e-6
    )


def test_split_draws_belong_to_the_sample():
    m, number = np.repeat([8, 9], 50), np.tile(np.arange(50), 2)
    draws = draw_split(3, m, number)
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(draw_split(3, m[order], number[order]), draws[order])
    assert 0 <= draws.min() < draws.max() < 1
    assert len(np.unique(draws)) == 100
    share = (draw_parameters(3, 8, range(50), box=BOX)[:, 0] - 1) / 9
    assert not np.any(np.isclose(draws[:50], share))


def test_directions_are_uniform_on_the_sphere():
    vectors = draw_directions(1, 8, 0, start=0, sites=20000)
    assert vectors.dtype == np.float32
    assert np.abs(vectors.mean(axis=1)).max() < 5 / np.sqrt(3 * 20000)
    np.testing.assert_allclose(vectors @ vectors.T / 20000, np.eye(3) / 3, atol=0.015)
