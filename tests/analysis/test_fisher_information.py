"""Fisher information: closed forms, and the bound reached by an estimate.

That of relaxed states is tested with their response.
"""

import numpy as np
import pytest

from moirespin.analysis.fisher_information import (
    bounds,
    build_view,
    cell_centres,
    fisher_matrix,
    image_slopes,
)
from moirespin.images.raster import first_quadrant
from moirespin.images.window import Window, sample_points
from moirespin.physics.lattice import build_bilayer, list_sites

SNR_DB = 20.0


def make_images(seed=0, pixels=6):
    """Return images (layer, y, x) and their derivatives by two constants."""
    generator = np.random.default_rng(seed)
    shape = (2, pixels, pixels)
    return generator.uniform(-1, 1, shape), generator.normal(size=(2, *shape))


def test_cells_fill_the_range():
    np.testing.assert_allclose(cell_centres(1.0, 10.0, count=3), [2.5, 5.5, 8.5])


def test_information_is_symmetric_and_positive_and_grows_with_the_signal():
    images, slopes = make_images()
    information = fisher_matrix(images, slopes, 20.0)
    np.testing.assert_allclose(information, information.T)
    assert (np.linalg.eigvalsh(information) > 0).all()
    np.testing.assert_allclose(fisher_matrix(images, slopes, 30.0), 10 * information)
    stretched = slopes * np.array([2.0, 1.0])[:, None, None, None]
    np.testing.assert_allclose(
        fisher_matrix(images, stretched, 20.0), information * np.array([[4, 2], [2, 1]])
    )


def test_images_that_change_alike_tell_the_sum_only():
    images, slopes = make_images()
    information = fisher_matrix(images, np.stack([slopes[1], slopes[0], slopes[0]]), 20.0)
    found = bounds(information + 1e-9 * np.eye(3))
    np.testing.assert_allclose(found["weak_direction"], [np.sqrt(0.5), -np.sqrt(0.5)], atol=1e-6)
    assert found["weak_bound"] > 1e3 * found["strong_bound"]


def test_bound_is_reached_by_weighted_least_squares():
    """Images that are linear in J and D: the best estimate scatters as the bound says."""
    images, slopes = make_images()
    deviation = np.sqrt(np.mean(images**2, axis=(1, 2)) * 10 ** (-SNR_DB / 10))[:, None, None]
    generator = np.random.default_rng(1)
    noise = deviation * generator.standard_normal((4000, *images.shape))
    weighted = (slopes / deviation**2).reshape(2, -1)
    normal = weighted @ slopes.reshape(2, -1).T
    estimates = np.linalg.solve(normal, weighted @ noise.reshape(len(noise), -1).T).T
    least = np.linalg.inv(fisher_matrix(images, slopes, SNR_DB))
    np.testing.assert_allclose(np.cov(estimates.T), least, atol=0.08 * np.abs(least).max())
    known_twist = np.zeros((3, 3))
    known_twist[0, 0], known_twist[1:, 1:] = 1.0, np.linalg.inv(least)
    found = bounds(known_twist)
    np.testing.assert_allclose(found["bound"][1:], np.sqrt(np.diag(least)))
    scatter = np.std(estimates @ found["weak_direction"])
    assert scatter == pytest.approx(found["weak_bound"], rel=0.05)


def test_bounds_of_a_diagonal_matrix_and_of_none():
    information = np.stack([np.diag([1.0, 4.0, 100.0]), np.full((3, 3), np.nan), np.zeros((3, 3))])
    found = bounds(information)
    np.testing.assert_allclose(found["bound"][0], [1.0, 0.5, 0.1])
    np.testing.assert_allclose([found["weak_bound"][0], found["strong_bound"][0]], [0.5, 0.1])
    np.testing.assert_allclose(found["weak_direction"][0], [1, 0])
    assert all(np.isnan(value[1]).all() for value in found.values())
    assert found["weak_bound"][2] > 1e100


def test_an_unknown_twist_loosens_the_bounds_as_the_inverse_says():
    images, _ = make_images()
    slopes = np.random.default_rng(3).normal(size=(3, *images.shape))
    slopes[1] += 2 * slopes[0]
    information = fisher_matrix(images, slopes, 20.0)
    found = bounds(information)
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(found["bound"], np.sqrt(np.diag(covariance)))
    np.testing.assert_allclose(found["weak_bound"] ** 2, np.linalg.eigvalsh(covariance[1:, 1:])[1])
    known = np.linalg.inv(information[1:, 1:])
    assert found["bound"][1] > 1.5 * np.sqrt(known[0, 0])


@pytest.mark.parametrize("twist_index", [9, 20])
def test_derivative_by_theta_is_that_of_textures_that_scale_with_the_cell(twist_index):
    """S^z = f(k . r, J theta^2) with k as 1 / L, on the sites of one angle."""
    bilayer = build_bilayer(twist_index, lattice_constant_nm=0.69, layer_spacing_nm=0.67)
    view = build_view(bilayer, Window(24.0, 40))
    period = float(np.linalg.norm(bilayer.supercell[0]))
    vectors = np.linalg.inv(bilayer.supercell).T
    exchange, theta = 3.0, view.twist_rad

    def texture(points, theta):
        """Return S^z at points (..., 2) at theta, and its derivative by J there."""
        vector = vectors[0] * np.sin(theta / 2) / np.sin(view.twist_rad / 2)
        phase = 2 * np.pi * points @ vector
        scaled = exchange * np.sin(theta / 2) ** 2 / np.sin(view.twist_rad / 2) ** 2
        return np.cos(phase) / scaled, -np.cos(phase) / scaled / exchange

    sites = list_sites(bilayer).positions_nm[:, :2]
    spin_z, by_exchange = texture(sites, theta)
    image, slopes = image_slopes(
        view, np.stack([spin_z, by_exchange, 0 * spin_z]), exchange_mev=exchange
    )
    points = first_quadrant(np.moveaxis(sample_points(Window(24.0, 40)), -1, 0))
    points = np.moveaxis(points, 0, -1)
    step = 1e-5
    expected = (texture(points, theta + step)[0] - texture(points, theta - step)[0]) / (2 * step)
    expected = np.radians(expected)
    # Interpolation between sites costs a little where waves are short.
    error = np.abs(slopes[0] - expected).mean() / np.abs(expected).mean()
    assert error < 2.0 / period
    np.testing.assert_allclose(image[0], texture(points, theta)[0], atol=0.7 / period)
