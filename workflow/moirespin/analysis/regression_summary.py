"""What the networks that estimate parameters achieve, in a few numbers.

The error of a mean is its bootstrap standard error over samples.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.bootstrap import SIGMAS_95_PERCENT, Measured, Resampling, mean_of
from moirespin.analysis.error_profiles import bin_numbers
from moirespin.analysis.material import RunMaterial
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.metrics import percentage_error
from moirespin.states.parameter_space import Ranges

# Twist angles below this (degree) are small. The paper's bound is missing from the copy of it that
# was available: our choice.
SMALL_TWIST_DEG = 1.5


class CrI3Window(NamedTuple):
    """A rectangle of J and D (meV) around a material; its edges belong to it.

    Attributes:
        exchange_mev, anisotropy_mev: its centre.
        exchange_half_width_mev, anisotropy_half_width_mev: half its sides.
    """

    exchange_mev: float
    anisotropy_mev: float
    exchange_half_width_mev: float
    anisotropy_half_width_mev: float

    def holds(self, exchange_mev: np.ndarray, anisotropy_mev: np.ndarray) -> np.ndarray:
        """Return which of the pairs (sample,) lie in the window."""
        near_exchange = np.abs(exchange_mev - self.exchange_mev) <= self.exchange_half_width_mev
        off_anisotropy = np.abs(anisotropy_mev - self.anisotropy_mev)
        return near_exchange & (off_anisotropy <= self.anisotropy_half_width_mev)


class Near(NamedTuple):
    """What counts as near CrI3: a window in J and D, and the bins of figure 3 that hold CrI3.

    Attributes:
        window: around CrI3.
        bins: of an axis of figure 3.
        ranges: limits of the sampled box.
    """

    window: CrI3Window
    bins: int
    ranges: Ranges

    def in_bin(self, name: str, values: np.ndarray) -> np.ndarray:
        """Return which values (sample,) of J or D (meV) lie in the bin that holds CrI3."""
        lower, upper = getattr(self.ranges, name)
        own = bin_numbers(
            np.array([getattr(self.window, f"{name}_mev")]), lower, upper, bins=self.bins
        )
        return bin_numbers(values, lower, upper, bins=self.bins) == own


def estimation_errors(
    estimates: xr.Dataset, near: Near | None, resampling: Resampling
) -> dict[str, Measured]:
    """Return the MAPE of theta, J and D: of all samples, at small angles, and near CrI3.

    Near CrI3 they are those of the bin of figure 3e or 3f that holds it, as in the paper, and those
    of a window in both J and D.

    Args:
        estimates: schema `parameter_predictions` or `regression_scores`.
        near: what counts as near CrI3; None for another material, which has no such errors.
        resampling: of the bootstrap errors.
    """
    true = {name: estimates["true"].sel(parameter=name).values for name in PARAMETERS}
    predicted = {name: estimates["predicted"].sel(parameter=name).values for name in PARAMETERS}
    errors = {name: percentage_error(predicted[name], true[name]) for name in PARAMETERS}
    small = true["twist_angle"] < SMALL_TWIST_DEG
    chosen = {f"mape_{name}": errors[name] for name in PARAMETERS}
    chosen["mape_twist_angle_small"] = errors["twist_angle"][small]
    if near is not None:
        in_window = near.window.holds(true["exchange"], true["anisotropy"])
        for name in ("exchange", "anisotropy"):
            chosen[f"mape_{name}_cri3_bin"] = errors[name][near.in_bin(name, true[name])]
            chosen[f"mape_{name}_cri3"] = errors[name][in_window]
    return {key: mean_of(values, resampling) for key, values in chosen.items()}


def regression_summary(
    scores: xr.Dataset,
    pca: xr.Dataset,
    *,
    window: CrI3Window,
    bins: int,
    ranges: Ranges,
    material: RunMaterial,
    resampling: Resampling,
) -> pd.DataFrame:
    """Return what the regression networks achieve, in a few numbers.

    Args:
        scores: schema `regression_scores`.
        pca: schema `error_pca`.
        window: what counts as near CrI3.
        bins: of an axis of figure 3.
        ranges: limits of the sampled box.
        material: of the run; only the paper's has rows near CrI3.
        resampling: of the bootstrap errors.

    Returns:
        Columns `quantity`, `value`, `error`, `samples`. MAPE in percent of all test samples, of
        theta at small angles and of J and D near CrI3; share of the variance along PC1 in percent,
        a quarter of its 95 % interval as its error; components of PC1, without an error; both
        also without the largest twentieth of the errors.
    """
    near = Near(window, bins, ranges) if material.is_the_papers else None
    rows = estimation_errors(scores, near, resampling)
    first = pca.isel(rank=0)
    width = float(first["ratio_upper"] - first["ratio_lower"])
    samples = scores.sizes["sample"]
    rows["pc1_share"] = Measured(
        100 * float(first["variance_ratio"]), 100 * width / (2 * SIGMAS_95_PERCENT), samples
    )
    rows["pc1_share_trimmed"] = Measured(100 * float(first["trimmed_ratio"]), np.nan, samples)
    for name in PARAMETERS:
        trimmed = float(first["trimmed_component"].sel(parameter=name))
        rows[f"pc1_{name}_trimmed"] = Measured(trimmed, np.nan, samples)
        component = float(first["component"].sel(parameter=name))
        rows[f"pc1_{name}"] = Measured(component, np.nan, samples)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=Measured._fields)
    return table.rename_axis("quantity").reset_index()
