"""The paper's two tasks, images to parameters and parameters to images: predictions.

What the trained networks make of the test part of the dataset, without and with noise. Apart from
`tasks`, so that a change here trains nothing again. Samples are datasets of schema `dataset` from
`packed.opened`; images are unpacked a batch at a time.
"""

import numpy as np
import xarray as xr

from moirespin.images.noise import add_noise
from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.learning.metrics import normalise, percentage_error
from moirespin.learning.networks import load_network
from moirespin.learning.paper_networks import part, true_parameters


def load_networks(models: dict[str, str], pixels: int, ranges: dict) -> dict:
    """Return the network of each parameter, from its path, for quadrants of `pixels` x `pixels`."""
    return {
        name: load_network(models[name], "regressor", pixels, ranges)[0]
        for name in netcdf.PARAMETERS
    }


def estimate_parameters(quadrants: np.ndarray, networks: dict, ranges: dict) -> np.ndarray:
    """Return theta, J, D in physical units, shape (sample, 3), of quadrants.

    Args:
        quadrants: images (sample, layer, y, x) cropped by `first_quadrant`, packed or not.
        networks: network of each parameter.
        ranges: lower and upper end of each parameter.
    """
    columns = []
    for name in netcdf.PARAMETERS:
        normalised = np.asarray(networks[name](quadrants))[:, 0].astype(float)
        lower, upper = ranges[name]
        columns.append(lower + (upper - lower) * normalised)
    return np.stack(columns, axis=1)


def predict_parameters(samples: xr.Dataset, models: dict[str, str], ranges: dict) -> xr.Dataset:
    """Return the test set's estimated parameters, schema `parameter_predictions`."""
    test = part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    networks = load_networks(models, quadrants.shape[-1], ranges)
    training = int((samples["split"].values != netcdf.SPLITS.index("test")).sum())
    predicted = [
        estimate_parameters(quadrants[rows], networks, ranges)
        for rows in packed_images.batches(len(quadrants))
    ]
    return netcdf.make(
        PARAMETER_PREDICTIONS,
        netcdf.identity(test)
        | {
            "true": true_parameters(test),
            "predicted": np.concatenate(predicted),
            "training_count": np.full(len(netcdf.PARAMETERS), training),
        },
    )


def predict_images(
    samples: xr.Dataset, model: str, ranges: dict, path: str, made: dict | None = None
) -> None:
    """Write the test set's generated images to `path`, schema `image_predictions`."""
    test = part(samples, "test")
    network, _, about = load_network(model, "generator", ranges=ranges)
    pixels, count = about["shape"]["pixels"], test.sizes["sample"]
    inputs = normalise(true_parameters(test), ranges).astype(np.float32)
    images = {name: packed_images.undrawn(count, pixels) for name in ("true", "predicted")}
    axes = {name: _crop_axis(test[name].values, pixels) for name in ("x", "y")}
    described = netcdf.make(IMAGE_PREDICTIONS, netcdf.identity(test) | images | axes)
    with packed_images.streamed(IMAGE_PREDICTIONS, described, path, made) as put:
        for rows in packed_images.batches(count):
            true = central_crop(test["image"].isel(sample=rows), pixels)
            put("true", rows.start, packed_images.load(true))
            # |S^z| cannot pass 1; what the linear output overshoots is not an image.
            put("predicted", rows.start, np.clip(np.asarray(network(inputs[rows])), -1, 1))


def _crop_axis(centres: np.ndarray, pixels: int) -> np.ndarray:
    start = (len(centres) - pixels) // 2
    return centres[start : start + pixels]


def sweep_snr(
    samples: xr.Dataset,
    models: dict[str, str],
    ranges: dict,
    levels_db: list[float],
    seed: int,
) -> xr.Dataset:
    """Return the estimates from noisy test images at each level, schema `snr_scores`.

    The networks are the ones trained without noise. Noise is put on the quadrant that they see,
    so that P_S of eq. (9) is the power of the noisy input itself.
    """
    test = part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    twist_index, set_number = test["twist_index"].values, test["set_number"].values
    networks = load_networks(models, quadrants.shape[-1], ranges)

    def estimate(level: int, rows: slice) -> np.ndarray:
        images = packed_images.unpack(quadrants[rows])
        of_samples = twist_index[rows], set_number[rows]
        noisy = add_noise(images, levels_db[level], seed, *of_samples, level)
        return estimate_parameters(noisy, networks, ranges)

    predicted = [
        np.concatenate([estimate(level, rows) for rows in packed_images.batches(len(quadrants))])
        for level in range(len(levels_db))
    ]
    return score_snr(true_parameters(test), np.stack(predicted), levels_db)


def score_snr(true: np.ndarray, predicted: np.ndarray, levels_db: list[float]) -> xr.Dataset:
    """Return the estimates from noisy images and their MAPE, schema `snr_scores`.

    Args:
        true: theta, J, D (degree, meV), shape (sample, parameter).
        predicted: the same, estimated at each noise level, shape (snr, sample, parameter).
        levels_db: signal-to-noise ratio of each level (dB).
    """
    predicted = np.asarray(predicted)
    mape = percentage_error(predicted, true).mean(axis=1)
    scores = {"snr": levels_db, "true": true, "predicted": predicted, "mape": mape}
    return netcdf.make(SNR_SCORES, scores)
