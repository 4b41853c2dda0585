"""Errors of estimated parameters, in the units of the figures.

Axes:
    parameter: theta, J, D in the order of `dataset.PARAMETERS`.
Ranges are dicts from the name of a parameter to its (lower, upper) limits in degree or meV.
"""

import numpy as np

from moirespin.io.netcdf import PARAMETERS

Ranges = dict[str, tuple[float, float]]
# Names of the parameters in tables.
SYMBOLS = dict(zip(PARAMETERS, ("theta", "J", "D"), strict=True))


def normalise(values: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Return parameters (..., parameter) scaled so that the sampled box becomes [0, 1], eq. (2).

    A range of no width, as of a single twist angle, gives 0.
    """
    lower, upper = np.transpose([ranges[name] for name in PARAMETERS]).astype(float)
    width = upper - lower
    # A finite number over inf is 0, while NaN, "no such point", stays NaN.
    width[width == 0] = np.inf
    return (np.asarray(values) - lower) / width


def normalised_error(predicted: np.ndarray, true: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Return the error vectors of eq. (5), shape (sample, parameter).

    The mean of their absolute values over samples is the MAE of eq. (4).
    """
    return normalise(predicted, ranges) - normalise(true, ranges)


def percentage_error(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return 100 |predicted - true| / |true|; its mean over samples is the MAPE."""
    return 100 * np.abs(predicted - true) / np.abs(true)
