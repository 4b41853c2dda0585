"""Placement: periods, poses, and the paper's images at commensurate angles."""

import jax
import numpy as np
import pytest

from moirespin.images.raster import build_raster, render
from moirespin.images.window import Window
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.textures.cell import build_waves, evaluate_waves, site_points
from moirespin.textures.model import tilt
from moirespin.textures.placement import (
    cell_grid,
    fractional,
    interpolate,
    moire_vectors,
    sample_cell,
    see,
)
from random_texture_model import parameter_sets, random_model

A_NM = 0.6867
WAVES = build_waves(4.0)


@pytest.fixture(scope="module")
def texture():
    model = random_model()
    return tilt(model, parameter_sets()[0], np.zeros(8), branch=2)


def test_grid_and_interpolation_give_the_waves(texture):
    points = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    exact = evaluate_waves(WAVES, points) @ texture[0, 0]
    grid = cell_grid(WAVES, texture)[0, 0]
    np.testing.assert_allclose(interpolate(grid, points), exact, atol=2e-4)


@pytest.mark.parametrize("index", [12, 17])
def test_images_are_those_of_the_sites_at_commensurate_angles(texture, index):
    bilayer = build_bilayer(index, A_NM, 0.67)
    side = np.array([1.0, -1.0])[:, None]
    tilts = []
    for layer in (0, 1):
        own = np.stack([evaluate_waves(WAVES, part) for part in site_points(bilayer, layer)])
        mean, half = np.moveaxis(own @ texture[layer].T, -1, 0)
        tilts.append(mean + side * half)
    expected = render(build_raster(bilayer, 40.0, 24), np.cos(np.ravel(tilts)))
    seen = see(
        WAVES,
        texture,
        angle_deg=twist_angle_deg(index),
        lattice_constant_nm=A_NM,
        window=Window(40.0, 24),
    )
    np.testing.assert_allclose(seen.spins[..., 2], expected, atol=2e-4)


def test_an_offset_by_a_commensurate_period_changes_nothing(texture):
    index = 15
    shift = moire_vectors(twist_angle_deg(index), A_NM).sum(axis=0)
    windows = [Window(30.0, 20), Window(30.0, 20, 0.0, tuple(shift))]
    first, second = (
        see(WAVES, texture, angle_deg=twist_angle_deg(index), lattice_constant_nm=A_NM, window=own)
        for own in windows
    )
    np.testing.assert_allclose(first.spins, second.spins, atol=1e-6)


def test_turning_the_window_by_the_three_fold_axis_changes_nothing_but_in_plane_parts(texture):
    windows = [Window(30.0, 20), Window(30.0, 20, 120.0)]
    first, second = (
        see(WAVES, texture, angle_deg=1.234, lattice_constant_nm=A_NM, window=own)
        for own in windows
    )
    np.testing.assert_allclose(first.spins[..., 2], second.spins[..., 2], atol=5e-4)


def test_sampled_cell_is_the_sum_of_waves_in_both_layers(texture):
    x, y = np.linspace(-20, 30, 7), np.linspace(-5, 12, 5)
    sampled = sample_cell(WAVES, texture, angle_deg=2.3, lattice_constant_nm=A_NM, x_nm=x, y_nm=y)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    for layer in (0, 1):
        own = (
            evaluate_waves(
                WAVES, fractional(points, angle_deg=2.3, lattice_constant_nm=A_NM, layer=layer)
            )
            @ texture[layer, 0]
        )
        np.testing.assert_allclose(sampled[layer].ravel(), own, atol=1e-10)


def test_sampled_cell_is_differentiable_in_the_angle(texture):
    x, y = np.linspace(-20, 30, 7), np.linspace(-5, 12, 5)

    def total(angle, xp=jax.numpy):
        return xp.sum(
            xp.sin(
                sample_cell(
                    WAVES, texture, angle_deg=angle, lattice_constant_nm=A_NM, x_nm=x, y_nm=y, xp=xp
                )
            )
            * x
        )

    step = 1e-5
    slope = (total(2.3 + step, np) - total(2.3 - step, np)) / (2 * step)
    assert jax.jit(jax.grad(total))(2.3) == pytest.approx(slope, rel=1e-5)
