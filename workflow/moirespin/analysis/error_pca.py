"""Principal components of the errors of theta, J and D.

Axes:
    sample: test samples.
    parameter: theta, J, D, in this order.
    rank: principal axes, largest variance first.
"""

import numpy as np
import xarray as xr

from moirespin.analysis.bootstrap import Resampling
from moirespin.io import netcdf
from moirespin.io.schemas.scores import ERROR_PCA

# The covariance of three errors has full rank from this number of samples on.
FEWEST_SAMPLES_FOR_PCA = 4
# A covariance hangs on the largest errors: the trimmed one leaves out this share of them (choice).
TRIMMED_SHARE = 0.05


def principal_axes(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance ratios (rank,) and the unit vectors (rank, parameter)."""
    variances, vectors = np.linalg.eigh(np.cov(errors, rowvar=False))
    # Rounding can make a variance of zero, such as that of a single twist angle, negative.
    variances, vectors = np.maximum(variances[::-1], 0.0), vectors.T[::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1, keepdims=True), axis=1)
    total = variances.sum()
    # A resampling of very few samples can hold one of them only, and then has no variance.
    ratios = variances / (total if total > 0 else np.nan)
    return ratios, vectors * np.sign(largest)


def _without_outliers(errors: np.ndarray) -> np.ndarray:
    """Return errors (sample, parameter) without the share of the longest."""
    lengths = np.linalg.norm(errors - np.median(errors, axis=0), axis=1)
    kept = max(FEWEST_SAMPLES_FOR_PCA, round((1 - TRIMMED_SHARE) * len(errors)))
    return errors[np.argsort(lengths, kind="stable")[:kept]]


def error_pca(scores: xr.Dataset, resampling: Resampling) -> xr.Dataset:
    """Return the principal axes of the error vectors, eq. (6).

    The sign of an axis has no meaning; its component of largest size is made positive.

    Args:
        scores: schema `regression_scores`.
        resampling: of the test set; gives the quantiles of the ratios.

    Returns:
        Schema `error_pca`.

    Raises:
        ValueError: if there are fewer than four test samples.
    """
    errors = scores["error"].values
    count = len(errors)
    if count < FEWEST_SAMPLES_FOR_PCA:
        raise ValueError(
            f"the test set has {count} samples: principal axes of three errors need at least"
            f" {FEWEST_SAMPLES_FOR_PCA}"
        )
    ratios, components = principal_axes(errors)
    generator = np.random.Generator(np.random.Philox(resampling.seed))
    draws = (errors[generator.integers(count, size=count)] for _ in range(resampling.samples))
    resampled = [principal_axes(draw)[0] for draw in draws]
    lower, upper = np.nanquantile(resampled, [0.025, 0.975], axis=0)
    trimmed_ratios, trimmed_components = principal_axes(_without_outliers(errors))
    return netcdf.make(
        ERROR_PCA,
        {
            "trimmed_ratio": trimmed_ratios,
            "trimmed_component": trimmed_components,
            "covariance": np.cov(errors, rowvar=False),
            "component": components,
            "variance_ratio": ratios,
            "ratio_lower": lower,
            "ratio_upper": upper,
            "mean_error": errors.mean(axis=0),
        },
    )
