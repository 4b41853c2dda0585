"""Spins from the tilt over the cell: waves against values at points, frames of both layers."""

import jax.numpy as jnp
import numpy as np

from moirespin.inference.cell_textures import spin_waves, to_grid, wave_index
from moirespin.inference.error_examples import (
    Examples,
    load_examples,
    nearest,
    relaxed_waves,
    save_examples,
)
from moirespin.inference.forward import wave_lengths
from moirespin.physics.lattice import build_bilayer
from moirespin.probes import waves as probe
from moirespin.textures.cell import MIRROR_POINT, build_waves, evaluate_waves

WAVES = build_waves(8)
LATTICE = {"lattice_constant_nm": 0.6867, "layer_spacing_nm": 0.67}


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


def test_relaxed_state_gives_back_its_waves():
    index = wave_index(3)
    bilayer = build_bilayer(8, **LATTICE)
    draws = np.random.default_rng(1).standard_normal((2, 2, 3, len(index)))
    amplitudes = draws[0] + 1j * draws[1]
    amplitudes[..., 0] = amplitudes[..., 0].real
    vectors = index @ (2 * np.pi * np.linalg.inv(bilayer.supercell).T)
    spins = np.stack(
        [
            np.asarray(probe.at_points(vectors, amplitudes[layer], positions)).T
            for layer, positions in enumerate(bilayer.positions.reshape(2, -1, 2))
        ]
    )
    found, resolved = relaxed_waves(bilayer, spins.reshape(-1, 3), index)
    assert resolved.all()
    np.testing.assert_allclose(found, amplitudes, atol=1e-9)


def test_nearest_examples_are_of_the_same_branch_and_survive_a_file(tmp_path):
    index = wave_index(2)
    count = 40
    draws = np.random.default_rng(3)
    parameters = draws.uniform([1, 1, 0.01], [4, 10, 0.3], (count, 3))
    errors = np.ones((count, 2, 2, len(index))) * np.arange(count)[:, None, None, None]
    examples = Examples(np.arange(count) % 2, parameters, index, errors.astype(complex))
    save_examples(examples, tmp_path / "errors.safetensors")
    read = load_examples(tmp_path / "errors.safetensors")
    wider = wave_index(3)
    found = nearest(read, 1, tuple(parameters[7]), index=wider)
    assert found[0, 0, 0, 0] == 7
    assert np.all(found[:, 0, 0, 0].real % 2 == 1)
    assert not np.any(found[:, :, 1])
    assert not np.any(found[..., wave_lengths(wider) > 2.5])
