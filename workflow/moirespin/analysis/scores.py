"""Statistics of the networks' errors: scores of each sample, profiles, principal components.

Axes:
    sample: test samples.
    parameter: theta, J, D in the order of `dataset.PARAMETERS`.
    rank: principal axes, largest variance first.
"""

import logging

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.boundaries import boundary_distances
from moirespin.io import netcdf, packed_images
from moirespin.io.netcdf import BOUNDARIES, PARAMETERS, PHASES, SPLITS
from moirespin.io.schemas.scores import ERROR_PCA, GENERATOR_SCORES, PROFILES, REGRESSION_SCORES
from moirespin.learning.metrics import normalised_error, percentage_error
from moirespin.states.parameter_space import Ranges

logger = logging.getLogger("moirespin")

SAMPLE_NAMES = ("twist_index", "set_number", *PARAMETERS, "phase")
# Three variances and three covariances need at least as many samples as dimensions plus one.
FEWEST_SAMPLES_FOR_PCA = 4
# A relative error of a magnetisation nearer to zero than this says nothing.
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
    scores = {name: predictions[name] for name in (*SAMPLE_NAMES, "true", "predicted")}
    scores["percentage_error"] = percentage_error(predicted, true)
    scores["error"] = normalised_error(predicted, true, ranges)
    scores["distance"] = _distances(true, lines, ranges)
    return netcdf.make(REGRESSION_SCORES, scores)


def score_generator(predictions: xr.Dataset, lines: xr.Dataset, ranges: Ranges) -> xr.Dataset:
    """Return the errors of each generated image and its distance to the phase boundaries.

    The magnetisation of a layer is the mean of its image. An image does not hold a whole number
    of moire cells, so that this is not quite eq. (13), but it is what both images can be asked.

    Args:
        predictions: schema `image_predictions`, from `packed.opened`; images are read a few at a
            time.
        lines: schema `phase_lines`.
        ranges: limits of the sampled box.

    Returns:
        Schema `generator_scores`.

    Raises:
        ValueError: if the images fail their checksum.
    """
    pixels = {"axis": (2, 3), "dtype": np.float64}
    means = {"mae": [], "true_magnetization": [], "predicted_magnetization": []}
    for rows in packed_images.batches(predictions.sizes["sample"]):
        true, predicted = (
            packed_images.unpack(packed_images.load(predictions[name].isel(sample=rows)))
            for name in ("true", "predicted")
        )
        means["mae"].append(np.abs(predicted - true).mean(**pixels))
        means["true_magnetization"].append(true.mean(**pixels))
        means["predicted_magnetization"].append(predicted.mean(**pixels))
    parameters = np.stack([predictions[name].values for name in PARAMETERS], axis=1)
    scores = {name: predictions[name] for name in SAMPLE_NAMES}
    scores |= {name: np.concatenate(parts) for name, parts in means.items()}
    scores["distance"] = _distances(parameters, lines, ranges)
    return netcdf.make(GENERATOR_SCORES, scores)


def _distances(parameters: np.ndarray, lines: xr.Dataset, ranges: Ranges) -> np.ndarray:
    """Return `boundary_distances`, and log which boundary does not exist."""
    distances = boundary_distances(parameters, lines, ranges)
    for boundary in np.array(BOUNDARIES)[np.isnan(distances).all(axis=0)]:
        logger.info("there is no %s boundary: distances to it are NaN", boundary)
    return distances


def magnetization_errors(scores: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return |error| and percentage error of the averaged magnetisation, shape (sample,) each.

    Both are means over the two layers, as eq. (13) averages each layer by itself. A layer whose
    true magnetisation is below 0.01 has no percentage error, and a sample with two such layers
    gets NaN. Status: our choice.
    """
    true, predicted = scores["true_magnetization"], scores["predicted_magnetization"]
    absolute = np.abs(predicted - true).mean("layer")
    relative = percentage_error(predicted, true.where(np.abs(true) >= SMALLEST_MAGNETIZATION))
    return absolute.values, relative.mean("layer").values


def _principal_axes(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance ratios (rank,) and the unit vectors (rank, parameter)."""
    variances, vectors = np.linalg.eigh(np.cov(errors, rowvar=False))
    # Rounding leaves a variance of zero, as of a single twist angle, slightly negative.
    variances, vectors = np.maximum(variances[::-1], 0.0), vectors.T[::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1, keepdims=True), axis=1)
    total = variances.sum()
    # A resampling of very few samples can hold one of them only, and then has no variance.
    ratios = variances / (total if total > 0 else np.nan)
    return ratios, vectors * np.sign(largest)


def error_pca(scores: xr.Dataset, bootstrap_samples: int, seed: int) -> xr.Dataset:
    """Return the principal axes of the error vectors, eq. (6).

    The sign of an axis has no meaning; its component of largest size is made positive.

    Args:
        scores: schema `regression_scores`.
        bootstrap_samples: resamplings of the test set that give the quantiles of the ratios.
        seed: seed of the resamplings.

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
    ratios, components = _principal_axes(errors)
    generator = np.random.Generator(np.random.Philox(seed))
    draws = (errors[generator.integers(count, size=count)] for _ in range(bootstrap_samples))
    resampled = [_principal_axes(draw)[0] for draw in draws]
    lower, upper = np.nanquantile(resampled, [0.025, 0.975], axis=0)
    return netcdf.make(
        ERROR_PCA,
        {
            "covariance": np.cov(errors, rowvar=False),
            "component": components,
            "variance_ratio": ratios,
            "ratio_lower": lower,
            "ratio_upper": upper,
            "mean_error": errors.mean(axis=0),
        },
    )


def _bin_numbers(values: np.ndarray, lower: float, upper: float, bins: int) -> np.ndarray:
    """Return the bin of each value; values at an end or beyond join the bin there, NaN gives -1."""
    width = (upper - lower) / bins if upper > lower else np.inf
    numbers = np.clip(np.floor((values - lower) / width), 0, bins - 1)
    return np.where(np.isnan(values), -1, numbers).astype(int)


def _profile(
    scores: xr.Dataset,
    samples: xr.Dataset,
    quantities: dict[str, np.ndarray],
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

    columns = {name: [] for name in PROFILES.variables}
    for values, lower, upper, sampled in axes:
        edges = np.linspace(lower, upper, bins + 1)
        numbers = _bin_numbers(values, lower, upper, bins)
        groups = frame.groupby(numbers)
        columns["lower"].append(edges[:-1])
        columns["upper"].append(edges[1:])
        columns["mean"].append(groups.mean().reindex(range(bins)))
        columns["standard_error"].append(groups.sem().reindex(range(bins)))
        columns["count"].append(np.bincount(numbers[numbers >= 0], minlength=bins))
        if sampled is None:
            columns["training_count"].append(np.full(bins, -1))
        else:
            trained = _bin_numbers(sampled[training], lower, upper, bins)
            columns["training_count"].append(np.bincount(trained, minlength=bins))
    labels = {"axis": [*PARAMETERS, *BOUNDARIES], "quantity": list(quantities)}
    return netcdf.make(PROFILES, columns, labels)


def profile_regression(
    scores: xr.Dataset, samples: xr.Dataset, bins: int, ranges: Ranges
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
    return _profile(scores, samples, quantities, bins, ranges)


def profile_generator(
    scores: xr.Dataset, samples: xr.Dataset, bins: int, ranges: Ranges
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
    return _profile(scores, samples, quantities, bins, ranges)


def misses(excess: np.ndarray, degeneracy_mev: float, tries: int) -> np.ndarray:
    """Return the chance (set,) that the best of `tries` random starts is not the ground state.

    Averaged over all choices of `tries` among the random starts (set, start) that were relaxed;
    the ground state is the lowest that any start found.
    """
    lowest = np.minimum(np.nanmin(excess, axis=1, initial=np.inf), 0)
    missed = np.sum(~(excess <= lowest[:, None] + degeneracy_mev), axis=1)
    picked = np.arange(tries)
    return np.prod(np.clip(missed[:, None] - picked, 0, None) / (excess.shape[1] - picked), axis=1)
