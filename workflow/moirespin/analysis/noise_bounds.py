"""Errors from noisy images beside the least that any estimate can have.

The bound of a sample is that of van Trees, Detection, Estimation, and Modulation Theory (1968): the
inverse of the Fisher information of its images plus that of the box, whose parameters have a
variance of 1/12 each. With little noise it is the bound of Cramer and Rao, with much it is what an
estimate without an image has, and so a network that knows the box is held to it at any noise.
Status: our choice.

Axes:
    sample: test samples.
    parameter, other: theta, J, D, normalised by the sampled box.
"""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.fisher_information import least_covariance
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.metrics import normalised_error, percentage_error
from moirespin.states.parameter_space import SYMBOLS, Ranges

BOX_VARIANCE = 1 / 12
# Mean of |x| of a normal distribution, in standard deviations, and the median of |x|.
MEAN_OF_SIZE = np.sqrt(2 / np.pi)
MEDIAN_OF_SIZE = 0.6745


def least_deviations(information: xr.Dataset, snr_db: float) -> np.ndarray:
    """Return the bound of each parameter at a noise level, shape (sample, parameter).

    Args:
        information: schema `sample_information`.
        snr_db: signal-to-noise ratio.
    """
    scale = 10 ** ((snr_db - information.attrs["snr_db"]) / 10)
    known = scale * information["information"].values + np.eye(len(PARAMETERS)) / BOX_VARIANCE
    return np.sqrt(np.diagonal(least_covariance(known), axis1=-2, axis2=-1))


def compare_with_bound(
    scores: xr.Dataset, joint: xr.Dataset, information: xr.Dataset, *, ranges: Ranges
) -> pd.DataFrame:
    """Return the errors of the paper's networks and of the joint one beside the bound.

    Args:
        scores: schema `snr_scores`, of the paper's networks.
        joint: the same, of the joint network.
        information: schema `sample_information` of the same samples.
        ranges: limits of the sampled box.

    Returns:
        One row per level and parameter: `snr_db`; `sigma`, the median over the test samples of the
        noise's deviation in units of S^z; `contrast_snr_db`, the median ratio of the variance of
        S^z to that of the noise; MAPE (percent) `paper` and `joint` of all test samples; of those
        with a known bound, `bounded`, the same and the MAPE that the `bound` allows, and the median
        of |error| over bound, which is 0.67 at the bound.

    Raises:
        ValueError: if the files are of different samples.
    """
    if scores.sizes["sample"] != information.sizes["sample"]:
        raise ValueError("the scores are of other samples: run snakemake again")
    widths, rows = np.ptp(ranges, axis=1), []
    true = scores["true"].values
    networks = {"paper": scores, "joint": joint}
    for level, snr_db in enumerate(scores["snr"].values):
        bound = least_deviations(information, snr_db)
        known = np.isfinite(bound).all(axis=1)
        noise = scores["signal_power"].values * 10 ** (-snr_db / 10)
        contrast = 10 * np.log10(np.maximum(scores["contrast_power"].values / noise, 1e-30))
        for column, name in enumerate(PARAMETERS):
            row = {"snr_db": float(snr_db), "parameter": SYMBOLS[name]}
            row |= {"sigma": np.sqrt(np.median(noise)), "contrast_snr_db": np.median(contrast)}
            least = MEAN_OF_SIZE * bound[known, column] * widths[column] / true[known, column]
            for network, estimates in networks.items():
                predicted = estimates["predicted"].values[level]
                error = percentage_error(predicted, true)[:, column]
                ratio = np.abs(normalised_error(predicted, true, ranges))[known, column]
                row |= {network: error.mean(), f"{network}_bounded": _mean(error[known])}
                row |= {f"{network}_over_bound": _median(ratio / bound[known, column])}
            row |= {"bound": 100 * _mean(least), "bounded": int(known.sum())}
            rows.append(row)
    return pd.DataFrame(rows)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan
