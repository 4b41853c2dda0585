"""The joint network: any size of image, convolutions, logarithmic targets."""

import jax
import numpy as np
import pytest
from flax import nnx

from moirespin.learning.joint_network import (
    exponentials,
    logarithms,
    neighbourhoods,
)
from moirespin.learning.networks import build
from moirespin.states.parameter_space import Ranges

RANGES = Ranges((0.5, 5.0), (0.5, 5.0), (0.5, 5.0))
SHAPE = {"pixels": 8, "channels": [3, 4], "features": 8}


# Compiled as a whole, which takes less than one operation after the other.
@nnx.jit
def make_network():
    return build("joint", SHAPE, 0)


@pytest.mark.parametrize(("pixels", "channels"), [(5, [3]), (9, [2, 3, 4]), (16, [2, 2])])
def test_three_numbers_for_any_size(pixels, channels):
    shape = {"pixels": pixels, "channels": channels, "features": 5}
    images = np.zeros((4, 2, pixels, pixels), np.float32)
    found = nnx.eval_shape(lambda images: build("joint", shape, 0)(images), images)
    assert found.shape == (4, 3)


@pytest.mark.slow
def test_gradient_is_finite_where_nothing_is_seen():
    images = np.zeros((2, 2, 8, 8), np.float32)
    gradient = nnx.jit(nnx.grad(lambda network: network(images).sum()))(make_network())
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


@pytest.mark.slow
def test_samples_of_a_batch_do_not_mix():
    network, see = make_network(), nnx.jit(lambda network, images: network(images))
    images = np.random.default_rng(0).normal(size=(4, 2, 8, 8)).astype(np.float32)
    alone = np.concatenate([see(network, image[None]) for image in images])
    np.testing.assert_allclose(see(network, images), alone, atol=1e-6)


@pytest.mark.parametrize("lower", [0.5, 0.0])
def test_targets_are_logarithms_even_of_a_range_that_begins_at_zero(lower):
    ranges = RANGES._replace(anisotropy=(lower, 5.0))
    parameters = np.array([[0.5, 0.5, lower], [5.0, 5.0, 5.0], [2.0, 3.0, 1.0]])
    logs = logarithms(parameters, ranges)
    np.testing.assert_allclose(logs[0], 0)
    np.testing.assert_allclose(logs[1], np.log([10, 10, 10 if lower else 101]))
    np.testing.assert_allclose(exponentials(logs, ranges), parameters, atol=1e-15)


@pytest.mark.parametrize("size", [4, pytest.param(5, marks=pytest.mark.slow), 9])
def test_product_with_neighbourhoods_is_the_convolution(size):
    generator = np.random.default_rng(0)
    maps = generator.normal(size=(2, size, size, 3))
    kernel = generator.normal(size=(3, 3, 3, 4))
    expected = jax.lax.conv_general_dilated(
        maps, kernel, (2, 2), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    found = neighbourhoods(maps) @ kernel.reshape(27, 4)
    np.testing.assert_allclose(found, expected, atol=1e-12)
