"""Mean errors along each parameter and along the distance to each phase boundary.

Axes:
    sample: test samples.
"""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.scores import magnetization_errors
from moirespin.io import netcdf
from moirespin.io.netcdf import BOUNDARIES, PARAMETERS, PHASES, SPLITS
from moirespin.io.schemas.scores import PROFILES
from moirespin.states.parameter_space import Ranges

# The mean of a bin with fewer samples says little: figures draw it pale, and tests leave it out.
FEWEST_IN_BIN = 20


def bin_numbers(values: np.ndarray, lower: float, upper: float, *, bins: int) -> np.ndarray:
    """Return the bin of each value; values at an end or beyond join the bin there, NaN gives -1."""
    width = (upper - lower) / bins if upper > lower else np.inf
    numbers = np.clip(np.floor((values - lower) / width), 0, bins - 1)
    return np.where(np.isnan(values), -1, numbers).astype(int)


def _profile(
    scores: xr.Dataset,
    samples: xr.Dataset,
    quantities: dict[str, np.ndarray],
    *,
    bins: int,
    ranges: Ranges,
) -> xr.Dataset:
    """Return mean, standard error and counts of `quantities` (sample,) along each axis.

    The bins of an axis are equally wide, over the box for a parameter and from 0 to the largest
    distance for a boundary: equal counts would hide how many samples lie near a boundary, which
    the paper sets against the error there.
    """
    training = samples["split"].values != SPLITS.index("test")
    frame = pd.DataFrame(quantities)
    axes = [
        (scores[name].values, *getattr(ranges, name), samples[name].values) for name in PARAMETERS
    ]
    for name in BOUNDARIES:
        distance = scores["distance"].sel(boundary=name).values
        axes.append((distance, 0.0, distance.max(), None))

    columns: dict[str, list] = {name: [] for name in PROFILES.variables}
    for values, lower, upper, sampled in axes:
        edges = np.linspace(lower, upper, bins + 1)
        numbers = bin_numbers(values, lower, upper, bins=bins)
        groups = frame.groupby(numbers)
        columns["lower"].append(edges[:-1])
        columns["upper"].append(edges[1:])
        columns["mean"].append(groups.mean().reindex(range(bins)))
        columns["standard_error"].append(groups.sem().reindex(range(bins)))
        columns["count"].append(np.bincount(numbers[numbers >= 0], minlength=bins))
        if sampled is None:
            columns["training_count"].append(np.full(bins, -1))
        else:
            trained = bin_numbers(sampled[training], lower, upper, bins=bins)
            columns["training_count"].append(np.bincount(trained, minlength=bins))
    labels = {"axis": [*PARAMETERS, *BOUNDARIES], "quantity": list(quantities)}
    return netcdf.make(PROFILES, columns, labels)


def profile_regression(
    scores: xr.Dataset, samples: xr.Dataset, *, bins: int, ranges: Ranges
) -> xr.Dataset:
    """Return MAE, eq. (4), and MAPE of each parameter along each parameter and each distance.

    Args:
        scores: schema `regression_scores`.
        samples: schema `dataset`, for the counts of training samples; images are not touched.
        bins: bins along each axis.
        ranges: limits of the sampled box.

    Returns:
        Schema `profiles` with the quantities `mae_<parameter>` (normalised) and
        `mape_<parameter>` (percent). `training_count` includes the validation part, and is -1
        along distances.
    """
    quantities = {f"mae_{n}": np.abs(scores["error"].sel(parameter=n).values) for n in PARAMETERS}
    quantities |= {
        f"mape_{n}": scores["percentage_error"].sel(parameter=n).values for n in PARAMETERS
    }
    return _profile(scores, samples, quantities, bins=bins, ranges=ranges)


def profile_generator(
    scores: xr.Dataset, samples: xr.Dataset, *, bins: int, ranges: Ranges
) -> xr.Dataset:
    """Return the errors of generated images along each parameter and each distance.

    Args:
        scores: schema `generator_scores`.
        samples: schema `dataset`, for the counts of training samples; images are not touched.
        bins: bins along each axis.
        ranges: limits of the sampled box.

    Returns:
        Schema `profiles` with the quantities `image_mae`, `image_mae_ncd`, `image_mae_md` (mean
        over both layers; all samples or those of one phase), `magnetization_mae` and
        `magnetization_mape` (percent). `count` is that of all samples.
    """
    image_mae = scores["mae"].mean("layer")
    absolute, relative = magnetization_errors(scores)
    quantities = {"image_mae": image_mae.values}
    for phase in ("NCD", "MD"):
        of_phase = image_mae.where(scores["phase"] == PHASES.index(phase))
        quantities[f"image_mae_{phase.lower()}"] = of_phase.values
    quantities |= {"magnetization_mae": absolute, "magnetization_mape": relative}
    return _profile(scores, samples, quantities, bins=bins, ranges=ranges)
