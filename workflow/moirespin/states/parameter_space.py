"""The sampled box of theta, J and D, and eq. (2), which maps it to the unit cube.

Axes:
    parameter: theta (degree), J (meV), D (meV), in this order.

Imports NumPy only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Ranges(NamedTuple):
    """Lower and upper end of each parameter: p_min and p_max of eq. (2).

    Attributes:
        twist_angle: theta (degree).
        exchange: J (meV).
        anisotropy: D (meV).
    """

    twist_angle: tuple[float, float]
    exchange: tuple[float, float]
    anisotropy: tuple[float, float]


class Box(NamedTuple):
    """The sampled box in J and D.

    Attributes:
        exchange_mev: ends of J.
        anisotropy_mev: ends of D.
    """

    exchange_mev: tuple[float, float]
    anisotropy_mev: tuple[float, float]


# Names of the parameters in tables.
SYMBOLS = dict(zip(Ranges._fields, ("theta", "J", "D"), strict=True))


def ends(ranges: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper ends, shape (parameter,) each."""
    lower, upper = np.transpose(ranges).astype(float)
    return lower, upper


def normalise(values: ArrayLike, ranges: Ranges) -> np.ndarray:
    """Return parameters (..., parameter) scaled so that the sampled box becomes [0, 1], eq. (2).

    A range of no width, such as that of a single twist angle, gives 0.
    """
    lower, upper = ends(ranges)
    width = upper - lower
    # A finite number over inf is 0, while NaN, "no such point", stays NaN.
    width[width == 0] = np.inf
    return (np.asarray(values) - lower) / width


def denormalise(values: ArrayLike, ranges: Ranges) -> np.ndarray:
    """Return parameters (..., parameter) in degree and meV from normalised ones, eq. (2)."""
    lower, upper = ends(ranges)
    return lower + (upper - lower) * np.asarray(values)
