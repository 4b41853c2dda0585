"""Fisher information: closed forms, and the bound reached by an estimate.

That of relaxed states is tested with their response.
"""

import numpy as np
import pytest

from moirespin.analysis.fisher_information import bounds, cell_centres, fisher_matrix

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
    information = fisher_matrix(images, np.stack([slopes[0], slopes[0]]), 20.0)
    found = bounds(information + 1e-9 * np.eye(2))
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
    found = bounds(np.linalg.inv(least))
    np.testing.assert_allclose(found["bound"], np.sqrt(np.diag(least)))
    scatter = np.std(estimates @ found["weak_direction"])
    assert scatter == pytest.approx(found["weak_bound"], rel=0.05)


def test_bounds_of_a_diagonal_matrix_and_of_none():
    information = np.stack([np.diag([4.0, 100.0]), np.full((2, 2), np.nan), np.zeros((2, 2))])
    found = bounds(information)
    np.testing.assert_allclose(found["bound"][0], [0.5, 0.1])
    np.testing.assert_allclose([found["weak_bound"][0], found["strong_bound"][0]], [0.5, 0.1])
    np.testing.assert_allclose(found["weak_direction"][0], [1, 0])
    assert all(np.isnan(value[1]).all() for value in found.values())
    assert found["weak_bound"][2] > 1e100
