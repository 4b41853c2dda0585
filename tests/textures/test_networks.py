"""Networks of the texture model: features, layers, and the expansion of the order parameter."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moirespin.textures.networks import Layer, dense, features, landau_order
from moirespin.textures.training import Dense
from random_texture_model import FEATURES, parameter_sets


def test_the_order_parameter_is_the_minimum_of_its_expansion():
    for b, a in [(0.3, 0.2), (-0.2, 0.1), (-0.3, -0.05)]:
        x = np.linspace(0, 3, 300_001)
        expansion = -a * x / 2 + b * x**2 / 2 + x**3 / 6
        lowest = (
            x[1 + np.argmin(expansion[1:])]
            if b > 0
            else x[np.argmin(np.where(x > -b, expansion, 9))]
        )
        assert landau_order(np.array([b, a]), np) ** 2 == pytest.approx(lowest, abs=1e-4)


def test_dense_layers_are_those_of_flax():
    network = Dense([FEATURES, 5, 4], nnx.Rngs(0))
    layers = [Layer(np.asarray(n.kernel[...]), np.asarray(n.bias[...])) for n in network.layers]
    inputs = features(parameter_sets(), np.zeros((12, 8)), np)
    np.testing.assert_allclose(dense(layers, inputs, np), network(jnp.asarray(inputs)), atol=1e-5)


def test_textures_depend_on_the_scaled_exchange_and_on_the_angle_apart():
    sets = np.array([[1.0, 4.0, 0.1], [2.0, 1.0, 0.1]])
    first, second = features(sets, np.zeros((2, 8)), np)
    same = np.isclose(first, second)
    assert same.sum() == len(first) - 1
