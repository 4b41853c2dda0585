"""Spins from the tilt over the cell: waves against values at points, frames of both layers."""

import jax.numpy as jnp
import numpy as np

from moirespin.inference.cell_textures import spin_waves, to_grid, wave_index
from moirespin.inference.seen_waves import wave_lengths
from moirespin.textures.cell import MIRROR_POINT, build_waves, evaluate_waves

WAVES = build_waves(8)


def tilt():
    draws = np.random.default_rng(2).standard_normal((2, 2, WAVES.number))
    return draws * np.array([0.15, 0.02])[:, None] * np.exp(-0.7 * np.arange(WAVES.number))


def values(index, amplitudes, points):
    """Return waves at fractional coordinates (point, 2)."""
    return np.asarray(amplitudes @ np.exp(2j * np.pi * index @ points.T)).real


def test_grid_holds_the_field_of_the_waves():
    grid = np.asarray(to_grid(WAVES, jnp.asarray(tilt())))
    size = grid.shape[-1]
    nodes = np.array([[0, 0], [3, 5], [size - 1, 7]])
    expected = evaluate_waves(WAVES, nodes / size) @ tilt()[0, 0]
    np.testing.assert_allclose(grid[0, 0][tuple(nodes.T)], expected, atol=1e-12)


def test_spins_are_those_of_both_sublattices_in_the_middle():
    index = wave_index(12)
    found = spin_waves(WAVES, jnp.asarray(tilt()), index)
    points = np.random.default_rng(5).uniform(0, 1, (7, 2))
    for layer, own in enumerate((points, points @ MIRROR_POINT.T)):
        mean, half = (evaluate_waves(WAVES, own) @ tilt()[layer].T).T
        for component, function in ((0, np.sin), (2, np.cos)):
            expected = 0.5 * (function(mean + half) + function(mean - half))
            seen = values(index, found[layer, component], points)
            np.testing.assert_allclose(seen, expected, atol=1e-6)
    assert not np.any(found[:, 1])


def test_indices_count_one_of_each_pair():
    index = wave_index(4)
    assert (wave_lengths(index) <= 4).all()
    assert len({tuple(pair) for pair in np.concatenate([index, -index])}) == 2 * len(index) - 1
