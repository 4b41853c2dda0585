"""Means over samples and their bootstrap standard errors.

The draws are those of `scipy.stats.bootstrap`, whose import would take longer than most analyses.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

# Half the width of a 95 % interval in standard deviations of a normal distribution.
SIGMAS_95_PERCENT = 1.96
# So many resamplings are held at once, which bounds the memory of the bootstrap over all sets.
BOOTSTRAP_BATCH = 50


class Resampling(NamedTuple):
    """How standard errors are found: number of resamplings and their seed."""

    samples: int
    seed: int


class Measured(NamedTuple):
    """One number of ours: its value, standard error and the number of samples behind it."""

    value: float
    error: float
    samples: int


def mean_of(values: np.ndarray | xr.DataArray, resampling: Resampling) -> Measured:
    """Return the mean of `values` (sample,) with its bootstrap error; NaNs are left out."""
    numbers = np.asarray(values, dtype=float)
    numbers = numbers[~np.isnan(numbers)]
    if len(numbers) < 2:
        return Measured(numbers.mean() if len(numbers) else np.nan, np.nan, len(numbers))
    generator, count = np.random.default_rng(resampling.seed), len(numbers)
    means = [
        numbers[generator.integers(count, size=(min(BOOTSTRAP_BATCH, left), count))].mean(axis=1)
        for left in range(resampling.samples, 0, -BOOTSTRAP_BATCH)
    ]
    return Measured(numbers.mean(), np.concatenate(means).std(ddof=1), count)
