"""The paper's statements about where errors rise and fall, each tested by rank correlation.

Axes:
    sample: test samples.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import spearmanr

from moirespin.analysis.bootstrap import SIGMAS_95_PERCENT
from moirespin.analysis.material import ANOTHER, Material
from moirespin.analysis.scores import magnetization_errors
from moirespin.io.netcdf import BOUNDARIES, PARAMETERS
from moirespin.states.parameter_space import SYMBOLS

# A rank correlation smaller than this is "no discernible correlation" (choice).
NEGLIGIBLE = 0.2
# The interval of a rank correlation holds from about this number of samples on.
FEWEST_SAMPLES = 10


class Trend(NamedTuple):
    """One statement: the paper's figure, what changes along what, and how: 1, -1, 0 for none."""

    figure: int
    quantity: str
    along: str
    sign: int


TRENDS = (
    Trend(3, "percentage error of theta", "theta", 1),
    Trend(3, "percentage error of J", "J", -1),
    Trend(3, "percentage error of D", "D", -1),
    Trend(4, "|error of theta|", "J", 0),
    Trend(4, "|error of theta|", "D", 0),
    Trend(4, "|error of J|", "theta", 0),
    Trend(4, "|error of D|", "theta", 0),
    Trend(4, "|error of J|", "J", -1),
    Trend(4, "|error of D|", "D", -1),
    Trend(5, "error of D", "error of J", -1),
    Trend(6, "|error of theta|", "distance to FM-NCD", -1),
    Trend(6, "|error of J|", "distance to FM-NCD", -1),
    Trend(6, "|error of D|", "distance to FM-NCD", -1),
    Trend(6, "|error of theta|", "distance to NCD-MD", 0),
    Trend(6, "|error of J|", "distance to NCD-MD", 0),
    Trend(6, "|error of D|", "distance to NCD-MD", 0),
    Trend(8, "image MAE", "phase, MD after NCD", 1),
    Trend(8, "image MAE", "J", 1),
    Trend(9, "image MAE", "distance to FM-NCD", 0),
    Trend(9, "image MAE", "distance to NCD-MD", -1),
    Trend(10, "percentage error of magnetisation", "theta", 1),
    Trend(10, "|error of magnetisation|", "distance to FM-NCD", 0),
    Trend(10, "|error of magnetisation|", "distance to NCD-MD", -1),
)
WORDS = {1: "rises", -1: "falls", 0: "no correlation"}


def rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, int]:
    """Return Spearman's rank correlation of pairs (sample,), its 95 % interval, and their number.

    Pairs with a NaN are left out. The interval is that of Fisher's transformation with the
    variance of Bonett and Wright, Psychometrika 65, 23 (2000). All NaN where ranks are all the
    same or samples are fewer than ten.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    x, y, count = x[finite], y[finite], int(finite.sum())
    if count < FEWEST_SAMPLES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan, np.nan, count
    found = float(spearmanr(x, y).statistic)
    # For perfect agreement Fisher's transformation is infinite, and its inverse is 1 again.
    with np.errstate(divide="ignore"):
        centre = np.arctanh(np.clip(found, -1, 1))
    half = SIGMAS_95_PERCENT * np.sqrt((1 + found**2 / 2) / (count - 3))
    return found, float(np.tanh(centre - half)), float(np.tanh(centre + half)), count


def agrees(sign: int, lower: float, upper: float) -> str:
    """Return whether an interval of a rank correlation agrees with a statement: yes, no or open.

    A rise or fall is found if the interval lies on one side of 0, and is open if it holds 0. No
    correlation is found if the interval lies within +-0.2, contradicted if it lies outside, and
    open otherwise. Status: our choice.
    """
    if np.isnan(lower):
        return "open"
    if sign == 0 and lower >= -NEGLIGIBLE and upper <= NEGLIGIBLE:
        return "yes"
    if sign == 0:
        return "no" if lower > NEGLIGIBLE or upper < -NEGLIGIBLE else "open"
    if lower <= 0 <= upper:
        return "open"
    return "yes" if np.sign(lower) == sign else "no"


def _columns(scores: xr.Dataset) -> dict[str, np.ndarray]:
    columns = {SYMBOLS[name]: scores[name].values for name in PARAMETERS}
    columns |= {
        f"distance to {name}": scores["distance"].sel(boundary=name).values for name in BOUNDARIES
    }
    return columns | {"phase, MD after NCD": scores["phase"].values.astype(float)}


def correlate_trends(
    regression: xr.Dataset, generator: xr.Dataset, material: Material
) -> pd.DataFrame:
    """Return the rank correlation of each of the paper's statements.

    Args:
        regression: schema `regression_scores`.
        generator: schema `generator_scores`.
        material: of the run; the paper says nothing of another than its own.

    Returns:
        One row for each of `TRENDS`: `figure` of the paper, `quantity`, `along`, what the `paper`
        says, Spearman's `correlation` with its 95 % interval `lower`, `upper`, `samples`, and
        whether it `agrees`. Errors of parameters are those of eq. (5), if they are not percentages.
    """
    estimated = _columns(regression)
    for name in PARAMETERS:
        error = regression["error"].sel(parameter=name).values
        percentage = regression["percentage_error"].sel(parameter=name).values
        estimated[f"error of {SYMBOLS[name]}"] = error
        estimated[f"|error of {SYMBOLS[name]}|"] = np.abs(error)
        estimated[f"percentage error of {SYMBOLS[name]}"] = percentage
    generated = _columns(generator)
    generated["image MAE"] = generator["mae"].mean("layer").values
    absolute, relative = magnetization_errors(generator)
    generated["|error of magnetisation|"] = absolute
    generated["percentage error of magnetisation"] = relative

    rows = []
    for trend in TRENDS:
        columns = estimated if trend.quantity in estimated else generated
        found = rank_correlation(columns[trend.along], columns[trend.quantity])
        correlation, lower, upper, samples = found
        rows.append(
            {"figure": trend.figure, "quantity": trend.quantity, "along": trend.along}
            | {"paper": WORDS[trend.sign], "correlation": correlation}
            | {"lower": lower, "upper": upper, "samples": samples}
            | {"agrees": agrees(trend.sign, lower, upper) if material.is_the_papers else ANOTHER}
        )
    return pd.DataFrame(rows)
