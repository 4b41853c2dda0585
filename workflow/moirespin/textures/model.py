"""The texture model: (theta, J, D) to the spin textures and energies of both branches.

A texture is a few numbers of a network times fixed patterns, principal components of relaxed
textures, each a sum of symmetric plane waves over the moire cell (`cell`). Evaluation takes NumPy
alone; with `xp=jax.numpy` the same functions are differentiable and can be compiled.

Axes: as in `cell`; `parameter` is theta (degree), J (meV), D (meV).
Units: meV per spin, energies relative to the ferromagnet's; radian.
"""

from types import ModuleType
from typing import NamedTuple

import numpy as np

from moirespin.textures.cell import Waves
from moirespin.textures.networks import (
    LEAST_ROOT,
    Array,
    Layer,
    dense,
    features,
    with_order,
    without_anisotropy,
)
from moirespin.textures.order import LEAST_ORDER, order_parameter
from moirespin.textures.rest import NONE, Rest, refined_order, rest_of_components

FERROMAGNETIC, NONCOLLINEAR, DOMAIN = range(3)
# Networks give energies in units of this (meV per spin).
ENERGY_SCALE = 0.1


class Basis(NamedTuple):
    """Patterns of a field over the cell.

    Attributes:
        mean: shape (channel, wave).
        modes: shape (component, channel, wave).
        scale: by which each output of a network is multiplied, shape (component,).
    """

    mean: np.ndarray
    modes: np.ndarray
    scale: np.ndarray


class TextureModel(NamedTuple):
    """A trained model.

    Attributes:
        waves: of the patterns.
        networks: `limit`, `noncollinear`, `order`, `gain` (energy of the domain state against the
            noncollinear one, over the fourth power of the order parameter), `domain`: dense layers.
        bases: `noncollinear`, `even`, `odd`: patterns of the top layer's tilt in the noncollinear
            state, and of half the difference and of half the sum of both layers' tilts, the latter
            over the order parameter, in the domain state.
        exchange: long waves of the interlayer exchange in the limit of small angles, shape (8,).
        twist_indices: commensurate bilayers whose own registry is known, shape (m,).
        registries: theirs, shape (m, 8).
        about: record of data, code, ranges and scores.
        rest: what the networks `order` and `domain` leave, interpolated.
        least_order: smallest order parameter of the domains that it was trained on.
    """

    waves: Waves
    networks: dict[str, list[Layer]]
    bases: dict[str, Basis]
    exchange: np.ndarray
    twist_indices: np.ndarray
    registries: np.ndarray
    about: dict
    rest: Rest = NONE
    least_order: float = LEAST_ORDER


class Energies(NamedTuple):
    """Energies of the branches above the ferromagnet (meV per spin), shape (...) each.

    Attributes:
        noncollinear: not above 0; 0 where the ferromagnet is stable.
        domain: of the domain state; that of the noncollinear one where there is none.
        order: order parameter of the domain state, 0 where there is none.
    """

    noncollinear: np.ndarray
    domain: np.ndarray
    order: np.ndarray


def stability_limit(model: TextureModel, inputs: Array, xp: ModuleType = np) -> Array:
    """Return D_c (meV), below which the ferromagnet is unstable, shape (...)."""
    return xp.exp(dense(model.networks["limit"], without_anisotropy(inputs), xp)[..., 0])


def root_of_distance(
    model: TextureModel, parameters: Array, inputs: Array, *, xp: ModuleType = np
) -> Array:
    """Return sqrt(1 - D / D_c), shape (...): the scale of a noncollinear texture."""
    share = 1 - parameters[..., 2] / stability_limit(model, inputs, xp)
    return xp.sqrt(xp.maximum(share, LEAST_ROOT**2))


def energies(
    model: TextureModel, parameters: Array, registry: Array, *, xp: ModuleType = np
) -> Energies:
    """Return the energies of the branches at parameters (..., 3) and registries (..., 8)."""
    inputs = features(parameters, registry, xp)
    noncollinear = noncollinear_energy(model, parameters, inputs, xp=xp)
    order = order_parameter(model.networks["order"], inputs, xp, least=model.least_order)
    gain = dense(model.networks["gain"], with_order(inputs, order, xp), xp)[..., 0]
    return Energies(noncollinear, noncollinear + ENERGY_SCALE * order**4 * gain, order)


def noncollinear_energy(
    model: TextureModel, parameters: Array, inputs: Array, *, xp: ModuleType = np
) -> Array:
    """Return the energy of the noncollinear state, 0 where the ferromagnet is stable, (...)."""
    root = root_of_distance(model, parameters, inputs, xp=xp)
    depth = dense(model.networks["noncollinear"], inputs, xp)[..., 0]
    return xp.where(root > LEAST_ROOT, -ENERGY_SCALE * root**4 * xp.exp(depth), 0.0)


def phase(found: Energies, xp: ModuleType = np) -> Array:
    """Return the phase, as in `phases`: 0 FM, 1 NCD, 2 MD, shape (...)."""
    domain = (found.order > 0) & (found.domain < found.noncollinear)
    below = xp.where(found.noncollinear < 0, NONCOLLINEAR, FERROMAGNETIC)
    return xp.where(domain, DOMAIN, below)


def _expand(basis: Basis, components: Array, xp: ModuleType) -> Array:
    scaled = components * basis.scale
    return basis.mean + xp.tensordot(scaled, basis.modes, axes=1)


def noncollinear_tilt(
    model: TextureModel, parameters: Array, registry: Array, *, xp: ModuleType = np
) -> Array:
    """Return the waves of the tilt of both layers, shape (..., layer, channel, wave).

    The layers' tilts are opposite, each in the frame of its layer.
    """
    inputs = features(parameters, registry, xp)
    root = root_of_distance(model, parameters, inputs, xp=xp)
    components = dense(model.networks["noncollinear"], inputs, xp)[..., 1:]
    top = root[..., None, None] * _expand(model.bases["noncollinear"], components, xp)
    return xp.stack([top, -top], axis=-3)


def drawn_order(
    model: TextureModel, parameters: Array, registry: Array, *, xp: ModuleType = np
) -> Array:
    """Return the order parameter with which domains are drawn, 0 where there are none, (...)."""
    inputs, layers = features(parameters, registry, xp), model.networks["order"]
    order = order_parameter(layers, inputs, xp, least=model.least_order)
    return refined_order(
        layers,
        model.rest,
        parameters,
        inputs=inputs,
        order=order,
        least=model.least_order,
        xp=xp,
    )


def domain_tilt(
    model: TextureModel, parameters: Array, registry: Array, *, order: Array, xp: ModuleType = np
) -> Array:
    """Return the waves of the tilt of both layers of a domain state, (..., layer, channel, wave).

    `order`, shape (...), is the order parameter, from `drawn_order`.
    """
    inputs = with_order(features(parameters, registry, xp), order, xp)
    components = dense(model.networks["domain"], inputs, xp)
    components = components + rest_of_components(model.rest, parameters, order=order, xp=xp)
    count = len(model.bases["even"].scale)
    even = _expand(model.bases["even"], components[..., :count], xp)
    odd = _expand(model.bases["odd"], components[..., count:], xp) * order[..., None, None]
    return xp.stack([odd + even, odd - even], axis=-3)


def tilt(
    model: TextureModel, parameters: Array, registry: Array, *, branch: int, xp: ModuleType = np
) -> Array:
    """Return the waves of the tilt (rad) of one phase, shape (..., layer, channel, wave)."""
    if branch == DOMAIN:
        order = drawn_order(model, parameters, registry, xp=xp)
        return domain_tilt(model, parameters, registry, order=order, xp=xp)
    if branch == NONCOLLINEAR:
        return noncollinear_tilt(model, parameters, registry, xp=xp)
    shape = (*parameters.shape[:-1], 2, 2, model.waves.number)
    return xp.zeros(shape)
