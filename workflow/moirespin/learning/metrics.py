"""Errors of estimated parameters, in the units of the figures.

Axes:
    parameter: theta, J, D, in this order.
"""

from typing import TypeVar

import numpy as np
import xarray as xr

from moirespin.states.parameter_space import Ranges, normalise

Values = TypeVar("Values", np.ndarray, xr.DataArray)


def normalised_error(predicted: np.ndarray, true: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Return the error vectors of eq. (5), shape (sample, parameter).

    The mean of their absolute values over samples is the MAE of eq. (4).
    """
    return normalise(predicted, ranges) - normalise(true, ranges)


def percentage_error(predicted: Values, true: Values) -> Values:
    """Return 100 |predicted - true| / |true|; its mean over samples is the MAPE."""
    return 100 * abs(predicted - true) / abs(true)
