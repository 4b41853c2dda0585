"""A fit of a small task."""

import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.textures.fitting import Settings, adamw, fit, muon
from moirespin.textures.networks import dense


@pytest.mark.slow
@pytest.mark.parametrize("optimiser", [adamw, muon])
def test_a_small_task_is_learnt_and_every_target_is_seen(optimiser):
    inputs = np.random.default_rng(2).uniform(-1, 1, (256, 2))
    weight = np.ones(256)
    weight[:128] = 0
    wanted = inputs[:, 0] * inputs[:, 1] + np.where(weight, 0, 100)

    def loss(network, batch):
        inputs, value, weight = batch
        return jnp.mean(weight * jnp.abs(network(inputs)[:, 0] - value))

    settings = Settings(components=1, width=16, epochs=150, batch_size=64, learning_rate=0.01)
    data, sizes = (inputs, wanted, weight), [2, 16, 16, 1]
    layers = fit(sizes, loss, data, settings=settings, seed=3, optimiser=optimiser)
    found = dense(layers, inputs[128:], np)[:, 0]
    assert np.abs(found - wanted[128:]).mean() < 0.05
