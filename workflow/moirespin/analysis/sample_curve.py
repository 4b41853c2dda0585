"""Errors of the paper's networks against the number of samples that they were trained with."""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.paper_comparison import Resampling, mean_of
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.learning.metrics import Ranges, percentage_error
from moirespin.learning.networks import load_network
from moirespin.learning.paper_networks import part


def score_parts(
    samples: xr.Dataset, models: dict[str, list[str]], ranges: Ranges, resampling: Resampling
) -> pd.DataFrame:
    """Return the errors of networks on the whole test part.

    Args:
        samples: schema `dataset`, from `packed.opened`.
        models: paths of the networks of each parameter, trained with more or fewer samples.
        ranges: lower and upper end of each parameter.
        resampling: of the bootstrap errors.

    Returns:
        Columns `parameter`, `training_samples` (with the validation part), `mape` in percent with
        its `error`, and `samples`, those of the test; rows in order of the training samples.
    """
    test = part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    tables = []
    for parameter, paths in models.items():
        rows = []
        for path in paths:
            network, _, about = load_network(path, "regressor", quadrants.shape[-1], ranges)
            predicted = estimate(quadrants, network, *ranges[parameter])
            found = mean_of(percentage_error(predicted, test[parameter].values), resampling)
            rows.append(
                {"parameter": parameter, "training_samples": sum(about["samples"].values())}
                | {"mape": found.value, "error": found.error, "samples": found.samples}
            )
        tables.append(pd.DataFrame(rows).sort_values("training_samples", kind="stable"))
    return pd.concat(tables, ignore_index=True)


def estimate(quadrants: np.ndarray, network, lower: float, upper: float) -> np.ndarray:
    """Return the parameter (sample,) that a network reads from quadrants, in physical units.

    Args:
        quadrants: images (sample, layer, y, x) cropped by `first_quadrant`, packed.
        network: gives the normalised parameter, eq. (2).
        lower: end of its range.
        upper: the other end.
    """
    outputs = [
        np.asarray(network(quadrants[rows])) for rows in packed_images.batches(len(quadrants))
    ]
    return lower + (upper - lower) * np.concatenate(outputs)[:, 0].astype(float)
