"""Weights of the kernel that takes up what the networks of domain textures leave.

Apart from `rest`, which evaluates it: commands that draw start without SciPy.

Axes, units: as in `rest`. Status: our choice.
"""

import numpy as np
from scipy.linalg import solve

from moirespin.textures.rest import kernel

# Variance of what is not interpolated, against that of the rest: of the equation of state, of the
# components. The latter leaves weights small enough for 16 bits.
NOISE_EQUATION, NOISE_COMPONENTS = 1e-4, 0.05
# Added to the diagonal: the kernel of centres close together is singular to rounding.
JITTER = 1e-6
# At most so many centres for the equation of state, so many of them for the components too.
CENTRES, COMPONENT_CENTRES = 8000, 1500


def interpolate_equation(place: np.ndarray, left: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights of the kernel through what is left at places, shape (centre,).

    Args:
        place: shape (centre, 3), each a centre.
        left: what the network leaves, shape (centre,).
        weight: how much each counts, shape (centre,).
    """
    covariance = kernel(place, place)[0]
    covariance[np.diag_indices(len(place))] += NOISE_EQUATION / weight
    return solve(covariance, left, assume_a="pos", overwrite_a=True)


def interpolate_components(
    place: np.ndarray, left: np.ndarray, weight: np.ndarray, *, centres: np.ndarray
) -> np.ndarray:
    """Return the weights of centres that come closest to what is left, (centre, component).

    The posterior mean of a Gaussian process on a subset of regressors. Source: Rasmussen and
    Williams, Gaussian Processes for Machine Learning (MIT Press, 2006), eq. (8.14).

    Args:
        place: shape (texture, 3).
        left: what the network leaves, shape (texture, component).
        weight: how much each texture counts, shape (texture,).
        centres: shape (centre, 3).
    """
    between = kernel(place, centres)[0]
    weighted = between * weight[:, None]
    normal = between.T @ weighted + NOISE_COMPONENTS * kernel(centres, centres)[0]
    normal[np.diag_indices(len(centres))] += JITTER
    return solve(normal, weighted.T @ left, assume_a="pos")
