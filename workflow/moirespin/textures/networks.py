"""The dense networks of the texture model, from parameters to a few numbers that fix a texture.

What the physics knows is not left to the networks:

- In fractional coordinates of the cell a texture depends on (J theta^2, D); theta itself enters
  through lattice corrections that vanish with it.
- Each commensurate bilayer samples the interlayer exchange at other points, so that its few long
  Fourier components, which make the texture, scatter about a smooth function of theta by up to a
  per cent. They are a sum over pairs; the scatter is an input (`registry`).
- A noncollinear texture grows from the ferromagnet as the square root of the distance from the
  stability limit D_c. `limit` gives D_c, and the texture is divided by that root.
- A domain texture has an order parameter, which `order` gives by an equation of state (see there);
  it is an input of the network of domain textures.

Everything here works on NumPy and on JAX arrays alike; `xp` is the one or the other. One sample or
many: the last axis of inputs is the feature.

Units: degree, meV. Status: our choice.
"""

from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

# An array of NumPy or of JAX, whichever `xp` makes.
Array = Any
# Waves of the interlayer exchange that tell one bilayer from another: place among `cell` waves.
REGISTRY_WAVES = (0, 1, 3, 4, 5, 7, 8, 11)
# Place of the feature that holds J.
SCALED_EXCHANGE = len(REGISTRY_WAVES)
# Scale of inputs: they are then of the order of 1 over the box.
LOG_SCALED = (2.5, 1.2)
LOG_ANISOTROPY = (-2.3, 0.9)
ANISOTROPY = (0.15, 0.09)
ANGLE = (2.0, 0.9)
REGISTRY_SCALE = 20.0
ORDER = (0.5, 0.2)
# Below, the root of the distance from the stability limit counts as this: no division by zero.
LEAST_ROOT = 1e-4


class Layer(NamedTuple):
    """One dense layer: inputs @ weights + bias."""

    weights: np.ndarray
    bias: np.ndarray


def dense(layers: list[Layer], inputs: Array, xp: ModuleType) -> Array:
    """Return the output of dense layers with SiLU between them."""
    for weights, bias in layers[:-1]:
        hidden = inputs @ weights + bias
        inputs = hidden / (1 + xp.exp(-hidden))
    return inputs @ layers[-1].weights + layers[-1].bias


def features(parameters: Array, registry: Array, xp: ModuleType) -> Array:
    """Return the inputs of the networks, shape (..., feature).

    Args:
        parameters: theta (degree), J, D (meV), shape (..., 3).
        registry: of the bilayer, from `registry`, 0 for the average; shape (..., 8) or (8,).
        xp: NumPy or JAX's NumPy.
    """
    angle, intralayer, anisotropy = (parameters[..., k] for k in range(3))
    scaled = xp.log(intralayer * angle**2)
    smooth = [
        (scaled - LOG_SCALED[0]) / LOG_SCALED[1],
        (angle - ANGLE[0]) / ANGLE[1],
        (xp.log(anisotropy) - LOG_ANISOTROPY[0]) / LOG_ANISOTROPY[1],
        (anisotropy - ANISOTROPY[0]) / ANISOTROPY[1],
    ]
    own = xp.broadcast_to(REGISTRY_SCALE * registry, (*angle.shape, len(REGISTRY_WAVES)))
    return xp.concatenate([own, xp.stack(smooth, axis=-1)], axis=-1)


def without_anisotropy(inputs: Array) -> Array:
    """Return the features that do not hold D."""
    return inputs[..., :-2]


def with_order(inputs: Array, order: Array, xp: ModuleType) -> Array:
    """Return the features with the order parameter of domains and its square."""
    more = xp.stack([(order - ORDER[0]) / ORDER[1], 5 * (order**2 - 0.25)], axis=-1)
    return xp.concatenate([inputs, more], axis=-1)
