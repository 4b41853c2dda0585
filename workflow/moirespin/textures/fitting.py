"""Fitting of one dense network to a loss: AdamW or Muon with a cosine decay of the rate.

Flax builds the network, optax takes the steps. All random choices come from the seed.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
from flax import nnx

from moirespin.textures.networks import Layer

logger = logging.getLogger("moirespin")

# The rate ends at this share of its start.
LAST_RATE = 1e-3
WEIGHT_DECAY = 1e-6
# Muon turns matrices at this many times the rate that Adam has for the biases.
MUON_RATE = 5.0


class Settings(NamedTuple):
    """Settings of the training.

    Attributes:
        components: principal components of each field.
        width: of the three hidden layers.
        epochs: passes over the examples, of each network.
        batch_size: examples per step.
        learning_rate: at the start.
    """

    components: int
    width: int
    epochs: int
    batch_size: int
    learning_rate: float


class Dense(nnx.Module):
    """Dense layers with SiLU between them, as `networks.dense` evaluates them."""

    def __init__(self, sizes: list[int], rngs: nnx.Rngs):
        """Build layers of the given sizes, inputs first."""
        pairs = pairwise(sizes)
        self.layers = nnx.List([nnx.Linear(a, b, rngs=rngs) for a, b in pairs])

    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Return the outputs (..., last size)."""
        for layer in list(self.layers)[:-1]:
            inputs = nnx.silu(layer(inputs))
        return self.layers[-1](inputs)


def adamw(rate: optax.Schedule) -> optax.GradientTransformation:
    """Return the optimiser that is used unless another is asked for."""
    return optax.adamw(rate, weight_decay=WEIGHT_DECAY)


def muon(rate: optax.Schedule) -> optax.GradientTransformation:
    """Return one that takes far fewer epochs, for two to three times the time of a step.

    Source: Jordan et al., https://kellerjordan.github.io/posts/muon/ (2024).
    """
    return optax.contrib.muon(
        lambda step: MUON_RATE * rate(step), adam_learning_rate=rate, weight_decay=0.0
    )


def fit(
    sizes: list[int],
    loss: Callable[[Dense, list[jax.Array]], jax.Array],
    data: Sequence[np.ndarray],
    *,
    settings: Settings,
    seed: int,
    optimiser: Callable[[optax.Schedule], optax.GradientTransformation] = adamw,
) -> list[Layer]:
    """Return the layers of a network trained to a small loss.

    Args:
        sizes: of the inputs, the hidden layers and the outputs.
        loss: (network, batch of data) -> scalar.
        data: arrays with the example as first axis.
        settings: of the training.
        seed: of weights and order.
        optimiser: the schedule of the rate -> what takes the steps.
    """
    network = Dense(sizes, nnx.Rngs(seed))
    graph, *states = nnx.split(network, nnx.Param, ...)
    weights, fixed = states
    arrays = [jnp.asarray(values, jnp.float32) for values in data]
    count = len(arrays[0])
    batch = min(settings.batch_size, count)
    steps = count // batch
    rate = optax.cosine_decay_schedule(
        settings.learning_rate, settings.epochs * steps, alpha=LAST_RATE
    )
    steps_by = optimiser(rate)

    def batch_loss(weights: Any, rows: jax.Array) -> jax.Array:
        return loss(nnx.merge(graph, weights, fixed), [values[rows] for values in arrays])

    @partial(jax.jit, donate_argnums=(0, 1))
    def epoch(weights: Any, state: Any, key: jax.Array) -> tuple[Any, Any, jax.Array]:
        rows = jax.random.permutation(key, count)[: steps * batch].reshape(steps, batch)

        def step(carry: tuple[Any, Any], rows: jax.Array) -> tuple[tuple[Any, Any], jax.Array]:
            weights, state = carry
            value, gradient = jax.value_and_grad(batch_loss)(weights, rows)
            updates, state = steps_by.update(gradient, state, weights)
            return (optax.apply_updates(weights, updates), state), value

        (weights, state), losses = jax.lax.scan(step, (weights, state), rows)
        return weights, state, losses.mean()

    state = steps_by.init(weights)
    key = jax.random.key(seed)
    for number in range(settings.epochs):
        weights, state, value = epoch(weights, state, jax.random.fold_in(key, number))
    logger.info("%d examples, loss %.3g", count, value)
    trained = nnx.merge(graph, weights, fixed)
    return [
        Layer(*(np.asarray(part[...]) for part in (layer.kernel, layer.bias) if part is not None))
        for layer in trained.layers
    ]
