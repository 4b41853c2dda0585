"""How much the networks' errors vary from one training to another, beside the error over samples.

Trainings differ in their weights at the start and in the order of the samples, and have the data in
common.

Axes:
    training: trainings of one network.
    sample: test samples.
    parameter: theta, J, D.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.analysis.error_pca import principal_axes
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.metrics import normalised_error, percentage_error
from moirespin.learning.prediction import joint_estimator, paper_estimator
from moirespin.learning.split_parts import split_part, true_parameters
from moirespin.states.parameter_space import SYMBOLS, Ranges


def estimate_again(
    samples: xr.Dataset, models: Mapping[str, Sequence[str]], ranges: Ranges
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the truth and what each training makes of the test part.

    Args:
        samples: schema `dataset`, from `packed_images.opened`.
        models: paths of the trainings of each parameter's network and of `joint`, in their order.
        ranges: lower and upper end of each parameter.

    Returns:
        Truth (sample, parameter), and of the "paper" networks and the "joint" one the estimates
        (training, sample, parameter).
    """
    test = split_part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    pixels = quadrants.shape[-1]
    triples = zip(*(models[name] for name in PARAMETERS), strict=True)
    estimators = {
        "paper": [
            paper_estimator(dict(zip(PARAMETERS, paths, strict=True)), pixels, ranges)
            for paths in triples
        ],
        "joint": [joint_estimator(path, pixels, ranges) for path in models["joint"]],
    }
    found = {
        name: np.stack([estimate(quadrants) for estimate in each])
        for name, each in estimators.items()
    }
    return true_parameters(test), found


def tabulate_spread(
    true: np.ndarray, estimates: Mapping[str, np.ndarray], *, ranges: Ranges, resampling: Resampling
) -> pd.DataFrame:
    """Return mean and spread over trainings of what the networks achieve.

    Args:
        true: theta, J, D (degree, meV), shape (sample, parameter).
        estimates: of each kind of networks, shape (training, sample, parameter).
        ranges: lower and upper end of each parameter.
        resampling: of the bootstrap errors.

    Returns:
        One row per kind of `networks` and `quantity`: MAPE of each parameter, and for three single
        networks the share of the variance along PC1, in percent; number of `trainings`; `mean`,
        standard deviation `spread`, `lowest` and `highest` over them; `error`, the bootstrap error
        over samples of the mean (MAPE only), and the number of `samples`.
    """
    rows = []
    for networks, predicted in estimates.items():
        errors = percentage_error(predicted, true)
        for column, name in enumerate(PARAMETERS):
            row = _over_trainings(errors[..., column].mean(axis=1))
            over_samples = mean_of(errors[..., column].mean(axis=0), resampling)
            quantity = f"MAPE of {SYMBOLS[name]} (%)"
            rows.append({"networks": networks, "quantity": quantity} | row)
            rows[-1] |= {"error": over_samples.error, "samples": over_samples.samples}
        shares = [principal_axes(each)[0][0] for each in normalised_error(predicted, true, ranges)]
        row = _over_trainings(100 * np.array(shares))
        rows.append({"networks": networks, "quantity": "variance along PC1 (%)"} | row)
        rows[-1] |= {"error": np.nan, "samples": len(true)}
    return pd.DataFrame(rows)


def _over_trainings(values: np.ndarray) -> dict[str, float]:
    spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    return {
        "trainings": len(values),
        "mean": float(values.mean()),
        "spread": spread,
        "lowest": float(values.min()),
        "highest": float(values.max()),
    }
