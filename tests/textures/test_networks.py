"""Networks of the texture model: features and layers."""

import jax.numpy as jnp
import numpy as np
from flax import nnx

from moirespin.textures.fitting import Dense
from moirespin.textures.networks import Layer, dense, features
from random_texture_model import FEATURES, parameter_sets


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
