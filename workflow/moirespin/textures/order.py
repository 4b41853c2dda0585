"""The order parameter of domain textures, from an equation of state.

A domain texture breaks the equivalence of the layers. Its order parameter s, the root mean square
of half the sum of the layers' tilts, falls with J theta^2: to zero at small D, where the transition
to the noncollinear state is continuous; ever more steeply as D grows, until near D = 0.25 meV it
all but jumps from large domains to small ones; and to a value where the domains end. As a function
of J theta^2 it is hard to learn. The inverse is smooth: a network gives the J theta^2 at which
domains have the order parameter s, and s is the largest root of that equation.

Axes, units: as in `networks`. Status: our choice.
"""

from types import ModuleType

import numpy as np

from moirespin.textures.networks import SCALED_EXCHANGE, Array, Layer, dense, with_order

# Domains whose order parameter is smaller are not trained on, but left to the noncollinear state:
# the layers' mean S^z hardly differ.
LEAST_ORDER, MOST_ORDER = 0.04, 1.03
# The search for the largest root: points of a grid, how often the interval that holds the root
# is divided by it, and steps of Newton's from there, with a slope over this distance.
POINTS, LEVELS, NEWTON_STEPS, REACH = 25, 2, 2, 1e-3


def without_exchange(inputs: Array, xp: ModuleType) -> Array:
    """Return the features that do not hold J."""
    return xp.concatenate(
        [inputs[..., :SCALED_EXCHANGE], inputs[..., SCALED_EXCHANGE + 1 :]], axis=-1
    )


def beyond(
    layers: list[Layer], others: Array, order: Array, *, wanted: Array, xp: ModuleType
) -> Array:
    """Return a number that is positive where domains of this order parameter could grow.

    Args:
        layers: of the network `order`.
        others: features without J, shape (..., 1, feature).
        order: shape (..., order).
        wanted: the feature that holds J, shape (..., 1).
        xp: NumPy or JAX's NumPy.

    Returns:
        How far the equation of state lies above J theta^2, shape (..., order).
    """
    own = xp.broadcast_to(others, (*order.shape, others.shape[-1]))
    return dense(layers, with_order(own, order, xp), xp)[..., 0] - wanted


def order_parameter(
    layers: list[Layer], inputs: Array, xp: ModuleType = np, *, least: float = LEAST_ORDER
) -> Array:
    """Return the order parameter of domain states, 0 where there is none, shape (...).

    Args:
        layers: of the network `order`.
        inputs: features, shape (..., feature).
        xp: NumPy or JAX's NumPy.
        least: smallest order parameter that the network was trained on.
    """
    wanted = inputs[..., SCALED_EXCHANGE, None]
    others = without_exchange(inputs, xp)[..., None, :]

    def at(order: Array) -> Array:
        return beyond(layers, others, order, wanted=wanted, xp=xp)

    low, width = xp.full_like(wanted, least), MOST_ORDER - least
    exists = True
    for level in range(LEVELS):
        growing = at(low + width * np.linspace(0, 1, POINTS)) > 0
        ends = growing[..., :-1] & ~growing[..., 1:]
        some = ends.any(axis=-1)
        exists = some if level == 0 else exists
        last = POINTS - 2 - xp.argmax(ends[..., ::-1], axis=-1)
        # Rounding may move a root across the end of an interval.
        last = xp.where(some | growing[..., 0], last, 0)
        width = width / (POINTS - 1)
        low = low + width * last[..., None]
    # The search has no derivative; the last step has the right one.
    root = low + 0.5 * width
    for _ in range(NEWTON_STEPS):
        left, here, right = (at(root + shift) for shift in (-REACH, 0.0, REACH))
        slope = xp.minimum((right - left) / (2 * REACH), -REACH)
        root = root + xp.clip(-here / slope, -width, width)
    return xp.where(exists, root[..., 0], 0.0)
