"""Interpolation of what the networks of domain textures leave."""

import numpy as np

from moirespin.textures.interpolation import interpolate_components, interpolate_equation
from moirespin.textures.rest import kernel

GENERATOR = np.random.default_rng(5)


def smooth(place: np.ndarray) -> np.ndarray:
    """Return a function that varies over a few lengths of the kernel."""
    return np.sin(0.5 * place[..., 0]) * np.cos(0.4 * place[..., 1] + 0.3 * place[..., 2])


def test_a_smooth_function_is_interpolated_between_its_centres():
    place, between = GENERATOR.uniform(0, 3, (400, 3)), GENERATOR.uniform(0.5, 2.5, (50, 3))
    weights = interpolate_equation(place, smooth(place), np.ones(400))
    assert np.abs(kernel(between, place)[0] @ weights - smooth(between)).max() < 0.02


def test_fewer_centres_are_fitted_to_all_textures():
    place, between = GENERATOR.uniform(0, 3, (400, 3)), GENERATOR.uniform(0.5, 2.5, (50, 3))
    left = np.stack([smooth(place), 2 * smooth(place)], axis=1)
    centres = place[:100]
    weights = interpolate_components(place, left, np.ones(400), centres=centres)
    found = kernel(between, centres)[0] @ weights
    assert np.abs(found[:, 0] - smooth(between)).max() < 0.1
    np.testing.assert_allclose(found[:, 1], 2 * found[:, 0], atol=1e-9)
    # Every texture a centre: both ways are the same process, but for its noise.
    own = interpolate_components(place, left, np.full(400, 1e4), centres=place)
    np.testing.assert_allclose(kernel(place, place)[0] @ own, left, atol=1e-3)
