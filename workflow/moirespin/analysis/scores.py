"""The error of each test sample, and its distance to the phase boundaries.

Axes:
    sample: test samples.
    parameter: theta, J, D, in this order.
"""

import logging
from typing import Any

import numpy as np
import xarray as xr

from moirespin.analysis.boundaries import boundary_distances
from moirespin.io import netcdf, packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.learning.metrics import normalised_error, percentage_error
from moirespin.states.parameter_space import Ranges

logger = logging.getLogger("moirespin")

SAMPLE_NAMES = ("twist_index", "set_number", *PARAMETERS, "phase")
# A magnetisation nearer to zero than this has no relative error.
SMALLEST_MAGNETIZATION = 0.01


def score_regression(predictions: xr.Dataset, lines: xr.Dataset, ranges: Ranges) -> xr.Dataset:
    """Return the errors of each estimate and its distance to the phase boundaries.

    Args:
        predictions: schema `parameter_predictions`.
        lines: schema `phase_lines`.
        ranges: limits of the sampled box.

    Returns:
        Schema `regression_scores`: eq. (5), percentage errors, eq. (3) of the true parameters.
    """
    true, predicted = predictions["true"].values, predictions["predicted"].values
    scores: dict[str, Any] = {
        name: predictions[name] for name in (*SAMPLE_NAMES, "true", "predicted")
    }
    scores["percentage_error"] = percentage_error(predicted, true)
    scores["error"] = normalised_error(predicted, true, ranges)
    scores["distance"] = _distances(true, lines, ranges)
    return netcdf.make(REGRESSION_SCORES, scores)


def score_generator(predictions: xr.Dataset, lines: xr.Dataset, ranges: Ranges) -> xr.Dataset:
    """Return the errors of each generated image and its distance to the phase boundaries.

    The magnetisation of a layer is the mean of its image. An image does not hold a whole number
    of moire cells, so that this is not quite eq. (13), but it is what both images can be asked.

    Args:
        predictions: schema `image_predictions`, from `packed_images.opened`; images are read a few
            at a time.
        lines: schema `phase_lines`.
        ranges: limits of the sampled box.

    Returns:
        Schema `generator_scores`.

    Raises:
        ValueError: if the images fail their checksum.
    """
    parameters = np.stack([predictions[name].values for name in PARAMETERS], axis=1)
    scores: dict[str, Any] = {name: predictions[name] for name in SAMPLE_NAMES}
    scores |= means_of_images(predictions)
    scores["distance"] = _distances(parameters, lines, ranges)
    return netcdf.make(GENERATOR_SCORES, scores)


def means_of_images(predictions: xr.Dataset) -> dict[str, np.ndarray]:
    """Return means over the pixels of each image, shape (sample, layer) each.

    Args:
        predictions: schema `image_predictions`, from `packed_images.opened`; images are read a few
            at a time.

    Returns:
        `mae`, the mean |error|, `true_magnetization` and `predicted_magnetization`.

    Raises:
        ValueError: if the images fail their checksum.
    """
    pixels = {"axis": (2, 3), "dtype": np.float64}
    means: dict[str, list[np.ndarray]] = {
        name: [] for name in ("mae", "true_magnetization", "predicted_magnetization")
    }
    for rows in packed_images.batches(predictions.sizes["sample"]):
        true, predicted = (
            packed_images.unpack(packed_images.load(predictions[name].isel(sample=rows)))
            for name in ("true", "predicted")
        )
        means["mae"].append(np.abs(predicted - true).mean(**pixels))
        means["true_magnetization"].append(true.mean(**pixels))
        means["predicted_magnetization"].append(predicted.mean(**pixels))
    return {name: np.concatenate(parts) for name, parts in means.items()}


def _distances(parameters: np.ndarray, lines: xr.Dataset, ranges: Ranges) -> np.ndarray:
    """Return `boundary_distances`, and log which boundary does not exist."""
    distances = boundary_distances(parameters, lines, ranges)
    for boundary in np.array(netcdf.BOUNDARIES)[np.isnan(distances).all(axis=0)]:
        logger.info("there is no %s boundary: distances to it are NaN", boundary)
    return distances


def magnetization_errors(scores: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return |error| and percentage error of the averaged magnetisation, shape (sample,) each.

    Both are means over the two layers, as eq. (13) averages each layer by itself. A layer whose
    true magnetisation is below 0.01 has no percentage error, and a sample with two such layers
    gets NaN. Status: our choice.
    """
    true, predicted = scores["true_magnetization"], scores["predicted_magnetization"]
    absolute = abs(predicted - true).mean("layer")
    relative = percentage_error(predicted, true.where(np.abs(true) >= SMALLEST_MAGNETIZATION))
    return absolute.values, relative.mean("layer").values
