"""What the networks of domain textures leave, interpolated between relaxed textures.

Where walls are narrow the lattice pins them, and a relaxed texture depends on J, D and theta more
finely than a small network learns; along the steep parts of the equation of state a small error of
J is a large one of the order parameter. Both rests are smooth functions of the order parameter s,
ln D and theta: a Matern kernel about textures of the training (the centres) takes them up. A domain
texture is drawn in three steps: the network gives s, which the rest of the equation of state
refines, and the components at this s get their rest. Energies, and with them the phase, are those
of the networks alone.

The lattice pins walls at other places at each commensurate angle, so that the rest of one angle
says little of another where sets are few: it is not interpolated between sets of small angles.

Units: degree, meV. Status: our choice.
"""

from types import ModuleType
from typing import NamedTuple

import numpy as np

from moirespin.textures.networks import SCALED_EXCHANGE, Array, Layer
from moirespin.textures.order import LEAST_ORDER, MOST_ORDER, REACH, beyond, without_exchange

# Lengths of the kernel in the order parameter, in ln D and in degrees.
LENGTHS = (0.04, 0.3, 0.1)
# Newton's steps to the refined order parameter, the longest, and the least slope they believe.
STEPS, LONGEST_STEP, LEAST_SLOPE = 3, 0.03, 0.03


class Rest(NamedTuple):
    """Weights of the kernel.

    Attributes:
        centres: order parameter, ln D and theta over their lengths, shape (centre, 3).
        equation: weights of the equation of state, shape (centre,).
        components: weights of the outputs of the network `domain`, of the first centres, shape
            (first centre, component).
    """

    centres: np.ndarray
    equation: np.ndarray
    components: np.ndarray


NONE = Rest(np.zeros((0, 3)), np.zeros(0), np.zeros((0, 1)))


def places(parameters: Array, order: Array, xp: ModuleType = np) -> Array:
    """Return where textures lie in units of the kernel's lengths, shape (..., 3)."""
    axes = (order, xp.log(parameters[..., 2]), parameters[..., 0])
    return xp.stack([axis / length for axis, length in zip(axes, LENGTHS, strict=True)], axis=-1)


def kernel(place: Array, centres: np.ndarray, xp: ModuleType = np) -> tuple[Array, Array]:
    """Return the Matern kernel (nu = 5/2) of places (..., 3) and centres (centre, 3).

    Returns:
        The kernel, and its derivative with the order parameter, shape (..., centre) each.
    """
    apart = [place[..., None, axis] - centres[:, axis] for axis in range(3)]
    # The small number keeps the derivative of the root finite at a centre.
    scaled = xp.sqrt(5 * (apart[0] ** 2 + apart[1] ** 2 + apart[2] ** 2) + 1e-12)
    decay = xp.exp(-scaled)
    slope = -5 / 3 * (1 + scaled) * decay * apart[0] / LENGTHS[0]
    return (1 + scaled + scaled**2 / 3) * decay, slope


def refined_order(
    layers: list[Layer],
    rest: Rest,
    parameters: Array,
    *,
    inputs: Array,
    order: Array,
    least: float = LEAST_ORDER,
    xp: ModuleType = np,
) -> Array:
    """Return the order parameter at which the equation of state with its rest holds, shape (...).

    Args:
        layers: of the network `order`.
        rest: of the networks.
        parameters: theta, J, D, shape (..., 3).
        inputs: their features, shape (..., feature).
        order: root of the network's equation, 0 where there are no domains, shape (...).
        least: smallest order parameter that the networks were trained on.
        xp: NumPy or JAX's NumPy.
    """
    if not len(rest.equation):
        return order
    others = without_exchange(inputs, xp)[..., None, :]
    wanted = inputs[..., SCALED_EXCHANGE, None]
    shifts = np.array([-REACH, 0.0, REACH])
    root = xp.maximum(order, least)
    for _ in range(STEPS):
        sides = beyond(layers, others, root[..., None] + shifts, wanted=wanted, xp=xp)
        value, slope = kernel(places(parameters, root, xp), rest.centres, xp)
        value = sides[..., 1] + value @ rest.equation
        slope = (sides[..., 2] - sides[..., 0]) / (2 * REACH) + slope @ rest.equation
        step = -value / xp.minimum(slope, -LEAST_SLOPE)
        root = root + xp.clip(step, -LONGEST_STEP, LONGEST_STEP)
        root = xp.clip(root, least, MOST_ORDER)
    return xp.where(order > 0, root, 0.0)


def rest_of_components(
    rest: Rest, parameters: Array, *, order: Array, xp: ModuleType = np
) -> Array:
    """Return what is to be added to the outputs of the network `domain`, (..., component)."""
    centres = rest.centres[: len(rest.components)]
    return kernel(places(parameters, order, xp), centres, xp)[0] @ rest.components
