"""Order parameters and phases.

Eqs. (12) to (14) of the paper, whose right-hand sides the text does not give: order parameters and
thresholds are our choice. That of domains hardly matters: a noncollinear state has a difference
below 0.002, a domain state mostly 0.1 to 0.7. A ferromagnet has |m| = 1 to 1e-6, but next to its
stability limit a noncollinear state tilts as little as one likes, and counts as a ferromagnet
above the threshold.

Units: meV.
"""

from typing import NamedTuple

import numpy as np

from moirespin.io.schemas.base import PHASES, UNDETERMINED

FERROMAGNETIC, NONCOLLINEAR, DOMAIN = range(len(PHASES))


class Thresholds(NamedTuple):
    """Limits of eq. (14).

    Attributes:
        ferromagnetic: both layers' |m| above this make a ferromagnet.
        domain: a difference of |m| above this makes a domain state.
    """

    ferromagnetic: float
    domain: float


def layer_difference(magnetization: np.ndarray) -> np.ndarray:
    """Return eq. (12b), the difference of |m_t| and |m_b|, of magnetisations (..., layer)."""
    size = np.abs(magnetization)
    return np.abs(size[..., 0] - size[..., 1])


def classify(magnetization: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Return the phase, eq. (14), of layer magnetisations (..., layer); -1 where they are NaN."""
    difference = layer_difference(magnetization)
    uniform = (np.abs(magnetization) > thresholds.ferromagnetic).all(axis=-1)
    phase = np.where(difference > thresholds.domain, DOMAIN, NONCOLLINEAR)
    phase = np.where(uniform, FERROMAGNETIC, phase)
    return np.where(np.isfinite(difference), phase, UNDETERMINED).astype(np.int8)


def has_image(phase: np.ndarray) -> np.ndarray:
    """Return which sets (set,) get an image: all that have a state and are not ferromagnetic."""
    return (phase != FERROMAGNETIC) & (phase != UNDETERMINED)
