"""The paper's networks: their sizes, and what each output depends on."""

import jax
import numpy as np
import pytest
from flax import nnx

from moirespin.learning.networks import build

REGRESSOR = {"pixels": 6, "first": 5, "features": 4, "third": 3}
GENERATOR = {"pixels": 7, "first": 5, "second": 4, "input_scale": [8.0, 2.0, 2.0]}


def count_weights(network):
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(network, nnx.Param)))


def test_regressor_is_the_papers():
    network = build("regressor", REGRESSOR, 0)
    assert network(np.zeros((9, 2, 6, 6), np.float32)).shape == (9, 1)
    branch = (36 * 5 + 5) + (5 * 4 + 4)
    head = (8 * 3 + 3) + (3 * 4 + 4) + (4 + 1)
    assert count_weights(network) == 2 * branch + head


def test_generator_is_the_papers():
    network = build("generator", GENERATOR, 0)
    assert network(np.zeros((9, 3), np.float32)).shape == (9, 2, 7, 7)
    assert count_weights(network) == (3 * 5 + 5) + (5 * 4 + 4) + (4 * 98 + 98)


def test_layers_have_branches_of_their_own():
    network = build("regressor", REGRESSOR, 0)
    images = np.random.default_rng(0).normal(size=(4, 2, 6, 6)).astype(np.float32)
    assert np.abs(network(images) - network(images[:, ::-1])).max() > 1e-4


@pytest.mark.slow
def test_samples_of_a_batch_do_not_mix():
    network = build("regressor", REGRESSOR, 0)
    images = np.random.default_rng(0).normal(size=(4, 2, 6, 6)).astype(np.float32)
    alone = np.concatenate([network(image[None]) for image in images])
    np.testing.assert_allclose(network(images), alone, atol=1e-6)


def test_generator_stretches_its_inputs():
    stretched = build("generator", GENERATOR, 0)
    plain = build("generator", GENERATOR | {"input_scale": [1.0, 1.0, 1.0]}, 0)
    parameters = np.random.default_rng(0).uniform(size=(4, 3)).astype(np.float32)
    scale = np.array(GENERATOR["input_scale"], np.float32)
    np.testing.assert_allclose(stretched(parameters), plain(parameters * scale), rtol=1e-6)
