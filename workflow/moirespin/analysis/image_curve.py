"""Errors of drawn images against the number of samples that their generator was trained with."""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.analysis.scores import means_of_images
from moirespin.io import netcdf


def score_drawn(predictions: xr.Dataset, resampling: Resampling) -> pd.DataFrame:
    """Return the mean error of drawn test images, phase by phase.

    Args:
        predictions: schema `image_predictions`, from `packed_images.opened`.
        resampling: of the bootstrap errors.

    Returns:
        Columns `phase`, `mean_error`, the mean |error of S^z| of an image, its `error`, and
        `samples`, those of the test.

    Raises:
        ValueError: if the images fail their checksum.
    """
    errors = means_of_images(predictions)["mae"].mean(axis=1)
    rows = []
    for phase in np.unique(predictions["phase"].values):
        found = mean_of(errors[predictions["phase"].values == phase], resampling)
        rows.append(
            {"phase": netcdf.PHASES[phase], "mean_error": found.value}
            | {"error": found.error, "samples": found.samples}
        )
    return pd.DataFrame(rows)
