"""Training of the texture model on relaxed branches.

Four small networks one after the other: each is trained on what the ones before it leave. AdamW
with a cosine decay of the rate. All random choices come from the seed.

Axes, units: as in `model`.
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
from flax import nnx

from moirespin.textures.cell import Waves
from moirespin.textures.model import ENERGY_SCALE, Basis, TextureModel, stability_limit
from moirespin.textures.networks import (
    LEAST_ROOT,
    Layer,
    features,
    landau_square,
    with_order,
    without_anisotropy,
)

logger = logging.getLogger("moirespin")

# Textures this far above the ground state (meV per spin) count less by a factor of e.
RELEVANCE_MEV = 0.005
# Below, domains are too soft to be relaxed to the torque tolerance.
LEAST_SQUARE = 0.004
# The small network of the stability limit takes so many steps, each on all points.
LIMIT_STEPS = 6000
# The search for principal modes makes so many passes, with so many vectors more than are wanted.
SUBSPACE_PASSES, SPARE_VECTORS = 4, 32
# Modes weaker than this against the strongest are not blown up further.
LEAST_SCALE = 1e-3
# The order parameter's error counts relative to this and its own size.
ORDER_FLOOR = 0.05


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


class Examples(NamedTuple):
    """Parameter sets with what is known of their branches; first axis the set.

    Attributes:
        parameters: theta, J, D, shape (set, 3).
        registry: of each set's bilayer, shape (set, 8).
        energy: of both branches above the ferromagnet (meV per spin), NaN for none, (set, branch).
        sets: sets that have a texture of each branch, a pair of index arrays.
        tilt: waves of their tilts, a pair of arrays (texture, layer, channel, wave); of the
            noncollinear branch the top layer only.
    """

    parameters: np.ndarray
    registry: np.ndarray
    energy: np.ndarray
    sets: tuple[np.ndarray, np.ndarray]
    tilt: tuple[np.ndarray, np.ndarray]


class Limits(NamedTuple):
    """Where the ferromagnet becomes unstable.

    Attributes:
        parameters: theta, J, D_c, shape (point, 3).
        registry: shape (point, 8).
    """

    parameters: np.ndarray
    registry: np.ndarray


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


def fit(
    outputs: int,
    loss: Callable[[jax.Array, list[jax.Array]], jax.Array],
    *,
    inputs: np.ndarray,
    targets: Sequence[np.ndarray],
    settings: Settings,
    seed: int,
    width: int | None = None,
) -> list[Layer]:
    """Return the layers of a network trained to a small loss.

    Args:
        outputs: how many numbers it gives.
        loss: (outputs, targets) of a batch -> scalar.
        inputs: shape (example, feature).
        targets: arrays with the example as first axis.
        settings: of the training.
        seed: of weights and order.
        width: of hidden layers, if not that of the settings.
    """
    width = width or settings.width
    network = Dense([inputs.shape[1], width, width, width, outputs], nnx.Rngs(seed))
    graph, *states = nnx.split(network, nnx.Param, ...)
    weights, fixed = states
    data = [jnp.asarray(values, jnp.float32) for values in [inputs, *targets]]
    count = len(inputs)
    batch = min(settings.batch_size, count)
    steps = count // batch
    rate = optax.cosine_decay_schedule(settings.learning_rate, settings.epochs * steps, alpha=1e-3)
    optimiser = optax.adamw(rate, weight_decay=1e-6)

    def batch_loss(weights: Any, rows: jax.Array) -> jax.Array:
        own = [values[rows] for values in data]
        return loss(nnx.merge(graph, weights, fixed)(own[0]), own[1:])

    @partial(jax.jit, donate_argnums=(0, 1))
    def epoch(weights: Any, state: Any, key: jax.Array) -> tuple[Any, Any, jax.Array]:
        rows = jax.random.permutation(key, count)[: steps * batch].reshape(steps, batch)

        def step(carry: tuple[Any, Any], rows: jax.Array) -> tuple[tuple[Any, Any], jax.Array]:
            weights, state = carry
            value, gradient = jax.value_and_grad(batch_loss)(weights, rows)
            updates, state = optimiser.update(gradient, state, weights)
            return (optax.apply_updates(weights, updates), state), value

        (weights, state), losses = jax.lax.scan(step, (weights, state), rows)
        return weights, state, losses.mean()

    state = optimiser.init(weights)
    key = jax.random.key(seed)
    for number in range(settings.epochs):
        weights, state, value = epoch(weights, state, jax.random.fold_in(key, number))
    logger.info("%d examples, loss %.3g", count, value)
    trained = nnx.merge(graph, weights, fixed)
    return [
        Layer(*(np.asarray(part[...]) for part in (layer.kernel, layer.bias) if part is not None))
        for layer in trained.layers
    ]


def principal_modes(
    fields: np.ndarray, weights: np.ndarray, count: int
) -> tuple[Basis, np.ndarray]:
    """Return the basis of fields (texture, channel, wave) and their components (texture, mode).

    Weighted by `weights` (texture,); the modes are orthonormal over the cell.
    """
    flat = fields.reshape(len(fields), -1).astype(np.float64)
    mean = np.average(flat, axis=0, weights=weights**2)
    centred = flat - mean
    modes = strongest(centred * weights[:, None], count)
    components = centred @ modes.T
    scale = np.sqrt(np.average(components**2, axis=0, weights=weights**2))
    scale = np.maximum(scale, LEAST_SCALE * scale.max())
    shape = fields.shape[1:]
    basis = Basis(
        mean.reshape(shape).astype(np.float32),
        modes.reshape(-1, *shape).astype(np.float32),
        scale.astype(np.float32),
    )
    return basis, components


def strongest(rows: np.ndarray, count: int) -> np.ndarray:
    """Return the first right singular vectors of a matrix, shape (vector, column).

    By subspace iteration from a fixed random start, which for so fast a decay as here is exact in
    a few passes. Source: Halko, Martinsson and Tropp, SIAM Rev. 53, 217, alg. 4.4.
    """
    wanted = min(count, *rows.shape)
    start = np.random.default_rng(0).standard_normal(
        (min(wanted + SPARE_VECTORS, *rows.shape), rows.shape[1])
    )
    for _ in range(SUBSPACE_PASSES):
        start = np.linalg.qr(rows.T @ (rows @ start.T))[0].T
    small = np.linalg.svd(rows @ start.T, full_matrices=False)[2]
    return small[:wanted] @ start


def train(
    waves: Waves,
    examples: Examples,
    *,
    limits: Limits,
    exchange: tuple[np.ndarray, np.ndarray, np.ndarray],
    settings: Settings,
    seed: int,
) -> TextureModel:
    """Return a model trained on examples.

    Args:
        waves: of the examples' tilts.
        examples: relaxed branches.
        limits: stability limits.
        exchange: limit of the exchange's waves, twist indices, and their registries.
        settings: of the training.
        seed: of all random choices.

    Raises:
        ValueError: if a branch has too few examples.
    """
    for name, own in zip(("noncollinear", "domain"), examples.sets, strict=True):
        if len(own) < 8:
            raise ValueError(f"{len(own)} {name} textures are too few to train on: raise the sets")
    model = TextureModel(waves, {}, {}, *exchange, {})
    inputs = features(limits.parameters, limits.registry, np)
    model.networks["limit"] = fit(
        1,
        lambda found, wanted: jnp.mean(jnp.abs(found[:, 0] - wanted[0])),
        inputs=without_anisotropy(inputs),
        targets=(np.log(limits.parameters[:, 2]),),
        settings=settings._replace(epochs=LIMIT_STEPS, batch_size=len(inputs)),
        seed=seed,
        width=48,
    )
    inputs = features(examples.parameters, examples.registry, np)
    _train_noncollinear(model, examples, inputs, settings=settings, seed=seed)
    _train_domain(model, examples, inputs, settings=settings, seed=seed)
    return model


def _relevance(examples: Examples, branch: int) -> np.ndarray:
    """Return how much each set's texture of a branch counts: less far above the ground state."""
    lowest = np.fmin(np.fmin(examples.energy[:, 0], examples.energy[:, 1]), 0)
    above = examples.energy[:, branch] - lowest
    return np.exp(-np.nan_to_num(above) / RELEVANCE_MEV)


def _train_noncollinear(
    model: TextureModel, examples: Examples, inputs: np.ndarray, *, settings: Settings, seed: int
) -> None:
    rows = examples.sets[0]
    share = 1 - examples.parameters[:, 2] / stability_limit(model, inputs)
    rows_kept = share[rows] > 1e-3
    rows = rows[rows_kept]
    root = np.sqrt(np.maximum(share, LEAST_ROOT**2))
    weight = root[rows] * _relevance(examples, 0)[rows]
    fields = examples.tilt[0][rows_kept][:, 0] / root[rows, None, None]
    basis, components = principal_modes(fields, weight, settings.components)
    model.bases["noncollinear"] = basis
    energy = examples.energy[rows, 0]
    depth = np.log(np.maximum(-energy, 1e-12) / ENERGY_SCALE / root[rows] ** 4)
    scale = basis.scale

    def loss(found: jax.Array, wanted: list[jax.Array]) -> jax.Array:
        components, depth, weight = wanted
        error = (found[:, 1:] * scale - components) * weight[:, None]
        size = jnp.sqrt(jnp.sum(error**2, axis=1) + 1e-12)
        return jnp.mean(size) + 0.1 * jnp.mean(weight * jnp.abs(found[:, 0] - depth))

    model.networks["noncollinear"] = fit(
        1 + len(scale),
        loss,
        inputs=inputs[rows],
        targets=(components, depth, weight),
        settings=settings,
        seed=seed + 1,
    )


def _train_domain(
    model: TextureModel, examples: Examples, inputs: np.ndarray, *, settings: Settings, seed: int
) -> None:
    rows = examples.sets[1]
    tilt = examples.tilt[1]
    odd, even = 0.5 * (tilt[:, 0] + tilt[:, 1]), 0.5 * (tilt[:, 0] - tilt[:, 1])
    square = np.sum(odd.astype(np.float64) ** 2, axis=(1, 2))
    kept = square > LEAST_SQUARE
    rows, odd, even, square = rows[kept], odd[kept], even[kept], square[kept]
    order = np.sqrt(square)

    rival = np.fmin(examples.energy[:, 0], 0)
    rivalry = (examples.energy[:, 1] - rival) / ENERGY_SCALE
    wanted = np.full(len(inputs), np.nan)
    wanted[rows] = square
    known = np.isfinite(wanted)
    # A set without a domain state says only that it would not win.
    compared = np.isfinite(rivalry)
    relevance = np.where(compared, _relevance(examples, 1), 1.0)

    def order_loss(found: jax.Array, wanted: list[jax.Array]) -> jax.Array:
        square, known, rivalry, relevance, compared = wanted
        miss = jnp.abs(landau_square(found, jnp) - square) / (jnp.sqrt(square) + ORDER_FLOOR)
        lost = jax.nn.relu(1e-3 - found[:, 2])
        energy = jnp.where(compared > 0, jnp.abs(found[:, 2] - rivalry), lost)
        return jnp.mean(known * relevance * miss) + jnp.mean(relevance * energy)

    model.networks["order"] = fit(
        3,
        order_loss,
        inputs=inputs,
        targets=(np.nan_to_num(wanted), known, np.nan_to_num(rivalry), relevance, compared),
        settings=settings,
        seed=seed + 2,
        width=96,
    )
    weight = _relevance(examples, 1)[rows]
    even_basis, even_components = principal_modes(even, weight, settings.components)
    odd_fields = odd / order[:, None, None]
    odd_basis, odd_components = principal_modes(odd_fields, weight * order, settings.components)
    model.bases.update(even=even_basis, odd=odd_basis)
    count = len(even_basis.scale)
    scale = np.concatenate([even_basis.scale, odd_basis.scale])

    def loss(found: jax.Array, wanted: list[jax.Array]) -> jax.Array:
        components, order, weight = wanted
        error = found * scale - components
        own = jnp.sum(error[:, :count] ** 2, axis=1)
        both = own + order**2 * jnp.sum(error[:, count:] ** 2, axis=1)
        return jnp.mean(weight * jnp.sqrt(both + 1e-12))

    model.networks["domain"] = fit(
        len(scale),
        loss,
        inputs=with_order(inputs[rows], order, np),
        targets=(np.concatenate([even_components, odd_components], axis=1), order, weight),
        settings=settings,
        seed=seed + 3,
    )
