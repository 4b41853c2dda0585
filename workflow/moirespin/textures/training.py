"""Training of the texture model on relaxed branches.

Small networks one after the other: each is trained on what the ones before it leave. In the end
what is left of domain textures is interpolated (`rest`).

Axes, units: as in `model`.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.textures.branches import ELSEWHERE, relevance
from moirespin.textures.cell import Waves
from moirespin.textures.fitting import Dense, Settings, fit, muon
from moirespin.textures.interpolation import (
    CENTRES,
    COMPONENT_CENTRES,
    interpolate_components,
    interpolate_equation,
)
from moirespin.textures.model import (
    ENERGY_SCALE,
    TextureModel,
    noncollinear_energy,
    stability_limit,
)
from moirespin.textures.modes import components_of, principal_modes
from moirespin.textures.networks import (
    LEAST_ROOT,
    SCALED_EXCHANGE,
    dense,
    features,
    with_order,
    without_anisotropy,
)
from moirespin.textures.order import LEAST_ORDER, beyond, order_parameter, without_exchange
from moirespin.textures.rest import NONE, Rest, places

# The small network of the stability limit takes so many steps, each on all points.
LIMIT_STEPS, LIMIT_WIDTH = 6000, 48
ORDER_WIDTH = 96
# The equation of state takes about so many steps, if the epochs allow: its rest is interpolated,
# the better the smoother the network.
ORDER_STEPS = 6000
# An error of the equation of state counts as one of the order parameter: over the slope, down to
# this slope.
LEAST_SLOPE = 0.3
# In the interpolation of the rest: no texture counts less than this against another, and a share of
# the mean of what is left, so that none is never a centre.
LEAST_WEIGHT, LEAST_CHANCE = 0.01, 0.05
# Where there is no domain state, the model's must lose by this (in `ENERGY_SCALE` times order^2);
# where there is no noncollinear one, that must lose by this share of the domain state's energy.
LEAST_LOSS, LEAST_MARGIN = 1e-3, 0.01
# Noncollinear textures closer to the ferromagnet, in 1 - D / D_c, are not trained on.
LEAST_SHARE = 1e-3


class Examples(NamedTuple):
    """Parameter sets with what is known of their branches; first axis the set.

    Attributes:
        parameters: theta, J, D, shape (set, 3).
        registry: of each set's bilayer, shape (set, 8).
        energy: of both branches above the ferromagnet (meV per spin), NaN for none, (set, branch).
        outcome: of the starts of both branches, as in `branches`, (set, branch).
        sets: sets that have a texture of each branch, a pair of index arrays.
        tilt: waves of their tilts, a pair of arrays (texture, layer, channel, wave); of the
            noncollinear branch the top layer only.
    """

    parameters: np.ndarray
    registry: np.ndarray
    energy: np.ndarray
    outcome: np.ndarray
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


def train(
    waves: Waves,
    examples: Examples,
    *,
    limits: Limits,
    exchange: tuple[np.ndarray, np.ndarray, np.ndarray],
    interpolated: np.ndarray,
    settings: Settings,
    seed: int,
) -> TextureModel:
    """Return a model trained on examples.

    Args:
        waves: of the examples' tilts.
        examples: relaxed branches.
        limits: stability limits.
        exchange: limit of the exchange's waves, twist indices, and their registries.
        interpolated: sets between whose domain textures the rest is interpolated, shape (set,).
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
        [inputs.shape[1] - 2, *3 * [LIMIT_WIDTH], 1],
        lambda network, batch: jnp.mean(jnp.abs(network(batch[0])[:, 0] - batch[1])),
        (without_anisotropy(inputs), np.log(limits.parameters[:, 2])),
        settings=settings._replace(epochs=LIMIT_STEPS, batch_size=len(inputs)),
        seed=seed,
    )
    inputs = features(examples.parameters, examples.registry, np)
    _train_noncollinear(model, examples, inputs, settings=settings, seed=seed)
    _train_order(model, examples, inputs, settings=settings, seed=seed)
    _train_gain(model, examples, inputs, settings=settings, seed=seed)
    _train_domain(model, examples, inputs, settings=settings, seed=seed)
    return model._replace(rest=_rest(model, examples, inputs, interpolated=interpolated, seed=seed))


def _train_noncollinear(
    model: TextureModel,
    examples: Examples,
    inputs: np.ndarray,
    *,
    settings: Settings,
    seed: int,
) -> None:
    rows = examples.sets[0]
    share = 1 - examples.parameters[:, 2] / stability_limit(model, inputs)
    rows_kept = share[rows] > LEAST_SHARE
    rows = rows[rows_kept]
    root = np.sqrt(np.maximum(share, LEAST_ROOT**2))
    weight = root[rows] * relevance(examples.energy, 0)[rows]
    fields = examples.tilt[0][rows_kept][:, 0] / root[rows, None, None]
    basis, components = principal_modes(fields, weight, settings.components)
    model.bases["noncollinear"] = basis
    # Where no noncollinear state survives beside domains, its energy must not lie below theirs.
    lost = (examples.outcome[:, 0] == ELSEWHERE) & (examples.energy[:, 1] < 0)
    lost &= share > LEAST_SHARE
    bounded = np.repeat([False, True], [len(rows), lost.sum()])
    rows_of_loss = np.concatenate([rows, np.flatnonzero(lost)])
    energy = np.where(lost, examples.energy[:, 1], examples.energy[:, 0])[rows_of_loss]
    depth = np.log(np.maximum(-energy, 1e-12) / ENERGY_SCALE / root[rows_of_loss] ** 4)
    scale = basis.scale

    def loss(network: Dense, batch: list[jax.Array]) -> jax.Array:
        inputs, components, depth, bounded, weight = batch
        found = network(inputs)
        error = (found[:, 1:] * scale - components) * (weight * (1 - bounded))[:, None]
        size = jnp.sqrt(jnp.sum(error**2, axis=1) + 1e-12)
        above = found[:, 0] - depth
        miss = jnp.where(bounded > 0, jax.nn.relu(above + LEAST_MARGIN), jnp.abs(above))
        return jnp.mean(size) + 0.1 * jnp.mean(weight * miss)

    model.networks["noncollinear"] = fit(
        [inputs.shape[1], *3 * [settings.width], 1 + len(scale)],
        loss,
        (
            inputs[rows_of_loss],
            np.concatenate([components, np.zeros((lost.sum(), len(scale)))]),
            depth,
            bounded,
            np.concatenate([weight, root[lost]]),
        ),
        settings=settings,
        seed=seed + 1,
    )


def _train_order(
    model: TextureModel,
    examples: Examples,
    inputs: np.ndarray,
    *,
    settings: Settings,
    seed: int,
) -> None:
    order = order_parameters(examples)
    kept = order > LEAST_ORDER
    rows, order = examples.sets[1][kept], order[kept]
    inputs = inputs[rows]

    def loss(network: Dense, batch: list[jax.Array]) -> jax.Array:
        others, scaled, order, weight = batch

        def equation(order: jax.Array) -> jax.Array:
            return network(with_order(others, order, jnp))[:, 0]

        found, slope = jax.jvp(equation, (order,), (jnp.ones_like(order),))
        steepness = jnp.maximum(jnp.abs(jax.lax.stop_gradient(slope)), LEAST_SLOPE)
        return jnp.mean(weight * jnp.abs(found - scaled) / steepness)

    others, scaled = without_exchange(inputs, np), inputs[:, SCALED_EXCHANGE]
    steps = max(len(rows) // settings.batch_size, 1)
    model.networks["order"] = fit(
        [others.shape[1] + 2, *3 * [ORDER_WIDTH], 1],
        loss,
        (others, scaled, order, relevance(examples.energy, 1)[rows]),
        settings=settings._replace(epochs=min(settings.epochs, 1 + ORDER_STEPS // steps)),
        seed=seed + 2,
        optimiser=muon,
    )


def order_parameters(examples: Examples) -> np.ndarray:
    """Return the order parameter of each domain texture, shape (texture,)."""
    odd = 0.5 * (examples.tilt[1][:, 0].astype(np.float64) + examples.tilt[1][:, 1])
    return np.sqrt(np.sum(odd**2, axis=(1, 2)))


def _train_gain(
    model: TextureModel,
    examples: Examples,
    inputs: np.ndarray,
    *,
    settings: Settings,
    seed: int,
) -> None:
    relaxed = np.zeros(len(inputs))
    relaxed[examples.sets[1]] = order_parameters(examples)
    order = order_parameter(model.networks["order"], inputs)
    # The order of the model itself: the gain makes up for its error. A short training misses some.
    order = np.where(order > 0, order, np.where(relaxed > LEAST_ORDER, relaxed, 0))
    own = noncollinear_energy(model, examples.parameters, inputs)
    rival = np.where(np.isfinite(examples.energy[:, 0]), examples.energy[:, 0], own)
    gain = (examples.energy[:, 1] - np.minimum(rival, 0)) / ENERGY_SCALE
    # A set without a domain state says only that it would not win.
    compared = np.isfinite(gain)
    weight = np.where(compared, relevance(examples.energy, 1), 1.0)
    rows = np.flatnonzero(order > 0)

    def loss(network: Dense, batch: list[jax.Array]) -> jax.Array:
        inputs, order, gain, weight, compared = batch
        found = order**2 * network(inputs)[:, 0]
        miss = jnp.abs(found - gain / order**2)
        return jnp.mean(weight * jnp.where(compared > 0, miss, jax.nn.relu(LEAST_LOSS - found)))

    model.networks["gain"] = fit(
        [inputs.shape[1] + 2, *3 * [ORDER_WIDTH], 1],
        loss,
        tuple(
            values[rows]
            for values in (
                with_order(inputs, order, np),
                order,
                np.nan_to_num(gain),
                weight,
                compared,
            )
        ),
        settings=settings,
        seed=seed + 4,
    )


def _train_domain(
    model: TextureModel,
    examples: Examples,
    inputs: np.ndarray,
    *,
    settings: Settings,
    seed: int,
) -> None:
    rows, order, even, odd = _domain_fields(examples)
    weight = relevance(examples.energy, 1)[rows]
    even_basis, even_components = principal_modes(even, weight, settings.components)
    odd_basis, odd_components = principal_modes(odd, weight * order, settings.components)
    model.bases.update(even=even_basis, odd=odd_basis)
    count = len(even_basis.scale)
    scale = np.concatenate([even_basis.scale, odd_basis.scale])

    def loss(network: Dense, batch: list[jax.Array]) -> jax.Array:
        inputs, components, order, weight = batch
        error = network(inputs) * scale - components
        own = jnp.sum(error[:, :count] ** 2, axis=1)
        both = own + order**2 * jnp.sum(error[:, count:] ** 2, axis=1)
        return jnp.mean(weight * jnp.sqrt(both + 1e-12))

    inputs = with_order(inputs[rows], order, np)
    model.networks["domain"] = fit(
        [inputs.shape[1], *3 * [settings.width], len(scale)],
        loss,
        (inputs, np.concatenate([even_components, odd_components], axis=1), order, weight),
        settings=settings,
        seed=seed + 3,
    )


def _domain_fields(
    examples: Examples,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the sets of domain textures, their order parameters, even fields, scaled odd ones."""
    rows, tilt = examples.sets[1], examples.tilt[1]
    order = order_parameters(examples)
    kept = order > LEAST_ORDER
    rows, tilt, order = rows[kept], tilt[kept], order[kept]
    odd, even = 0.5 * (tilt[:, 0] + tilt[:, 1]), 0.5 * (tilt[:, 0] - tilt[:, 1])
    return rows, order, even, odd / order[:, None, None]


def _rest(
    model: TextureModel,
    examples: Examples,
    inputs: np.ndarray,
    *,
    interpolated: np.ndarray,
    seed: int,
) -> Rest:
    """Return what the networks leave of domain textures, as the weights of a kernel.

    Centres are drawn by how much is left of the components there.
    """
    rows, *fields = _domain_fields(examples)
    kept = interpolated[rows]
    if not kept.any():
        return NONE
    rows, (order, even, odd) = rows[kept], (values[kept] for values in fields)
    inputs = inputs[rows]
    weight = np.maximum(relevance(examples.energy, 1)[rows], LEAST_WEIGHT)
    others = without_exchange(inputs, np)[:, None]
    equation = -beyond(
        model.networks["order"],
        others,
        order[:, None],
        wanted=inputs[:, SCALED_EXCHANGE, None],
        xp=np,
    )[:, 0]
    bases = [model.bases[name] for name in ("even", "odd")]
    components = np.concatenate(
        [components_of(basis, own) for basis, own in zip(bases, (even, odd), strict=True)], axis=1
    ) - dense(model.networks["domain"], with_order(inputs, order, np), np)
    scale = np.concatenate([basis.scale for basis in bases])
    size = weight * np.sqrt(np.sum((components * scale) ** 2, axis=1))
    draws = np.random.default_rng(seed).exponential(size=len(rows))
    chosen = np.argsort(draws / (size + LEAST_CHANCE * size.mean()))[:CENTRES]
    # As the file keeps them.
    place = places(examples.parameters[rows], order).astype(np.float32).astype(np.float64)
    centres = place[chosen]
    return Rest(
        centres,
        interpolate_equation(centres, equation[chosen], weight[chosen]),
        interpolate_components(place, components, weight, centres=centres[:COMPONENT_CENTRES])
        .astype(np.float16)
        .astype(np.float64),
    )
