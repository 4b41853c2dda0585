"""Waves of the cell have its symmetries, are orthonormal, and fit fields at the sites exactly."""

import numpy as np
import pytest

from moirespin.physics.lattice import build_bilayer, rotation
from moirespin.textures.branches import orbits
from moirespin.textures.cell import (
    as_amplitudes,
    as_complex,
    build_waves,
    evaluate_waves,
    fit_waves,
    site_points,
    squared_length,
)

MOIRE = np.array([[np.sqrt(0.75), 0.5], [0.0, 1.0]])


def smooth_amplitudes(waves, decay=1.2):
    length = np.repeat(np.sqrt(squared_length(waves.stars)), 2)[1:]
    values = np.random.default_rng(0).standard_normal((2, waves.number)) * np.exp(-decay * length)
    values[1] *= 0.1
    return values


def at_sites(waves, bilayer, layer, amplitudes):
    own = np.stack([evaluate_waves(waves, points) for points in site_points(bilayer, layer)])
    mean, half = np.moveaxis(own @ amplitudes.T, -1, 0)
    return np.stack([mean[0] + half[0], mean[1] - half[1]])


def test_waves_are_orthonormal_over_the_cell():
    waves = build_waves(5)
    steps = np.arange(24) / 24
    points = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    own = evaluate_waves(waves, points)
    np.testing.assert_allclose(own.T @ own / len(points), np.eye(waves.number), atol=1e-12)


def test_every_wavevector_within_reach_is_in_one_star():
    waves = build_waves(6)
    # Six members to a star, and the constant; the area of the circle over that of a cell.
    whole = 6 * (len(waves.stars) - 1) + 1
    span = np.arange(-10, 11)
    grid = np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2)
    assert whole == np.sum(squared_length(grid) <= 36)


def test_waves_have_the_three_fold_axis_and_the_period_of_the_cell():
    waves = build_waves(5)
    points = np.random.default_rng(1).uniform(-1, 1, (20, 2))
    turned = points @ MOIRE @ rotation(2 * np.pi / 3).T @ np.linalg.inv(MOIRE)
    own = evaluate_waves(waves, points)
    np.testing.assert_allclose(evaluate_waves(waves, turned), own, atol=1e-12)
    np.testing.assert_allclose(evaluate_waves(waves, points + np.array([2, -3])), own, atol=1e-11)


def test_complex_factors_give_back_the_amplitudes():
    amplitudes = smooth_amplitudes(build_waves(4))
    again = as_amplitudes(as_complex(build_waves(4), amplitudes))
    np.testing.assert_allclose(again, amplitudes, atol=1e-14)


@pytest.mark.parametrize("layer", [0, 1])
def test_fit_finds_the_field_from_its_values_at_the_sites(layer):
    bilayer, waves = build_bilayer(12, 0.6867, 0.67), build_waves(6)
    amplitudes = smooth_amplitudes(waves)
    field = at_sites(waves, bilayer, layer, amplitudes)
    np.testing.assert_allclose(fit_waves(waves, bilayer, field), amplitudes, atol=2e-6)


def test_fit_is_exact_at_the_sites_for_any_three_fold_field():
    bilayer = build_bilayer(8, 0.6867, 0.67)
    _, orbit = orbits(bilayer)
    values = np.random.default_rng(2).standard_normal(orbit.max() + 1)
    field = values[orbit[0]].reshape(2, -1)
    # Beyond the corner of the sites' own zone nothing is left to be told apart.
    waves = build_waves(2 * np.sqrt(bilayer.cells))
    fitted = fit_waves(waves, bilayer, field)
    np.testing.assert_allclose(at_sites(waves, bilayer, 0, fitted), field, atol=5e-3)


def test_bottom_layer_has_the_sites_of_the_top_layer_in_its_own_frame():
    bilayer = build_bilayer(10, 0.6867, 0.67)
    waves = build_waves(5)
    field = [evaluate_waves(waves, site_points(bilayer, layer)[1]) for layer in (0, 1)]
    np.testing.assert_allclose(field[0], field[1], atol=1e-10)
