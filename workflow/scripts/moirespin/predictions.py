"""The paper's two tasks, images to parameters and parameters to images: predictions.

What the trained networks make of the test part of the dataset, without and with noise. Apart from
`tasks`, so that a change here trains nothing again.
"""

import numpy as np
import xarray as xr

from moirespin import dataset
from moirespin.imaging import central_crop, first_quadrant
from moirespin.metrics import normalise
from moirespin.networks import load_network
from moirespin.noise import add_noise, score_snr
from moirespin.tasks import part, standardise, true_parameters

PREDICTION_BATCH = 256


def apply(network, inputs: np.ndarray) -> np.ndarray:
    """Return the network's output for inputs, a batch at a time."""
    batches = range(0, len(inputs), PREDICTION_BATCH)
    return np.concatenate(
        [
            np.asarray(network(inputs[start : start + PREDICTION_BATCH].astype(np.float32)))
            for start in batches
        ]
    )


def estimate_parameters(quadrants: np.ndarray, models: dict[str, str], ranges: dict) -> np.ndarray:
    """Return theta, J, D in physical units, shape (sample, 3), of quadrants.

    Args:
        quadrants: images (sample, layer, y, x) cropped by `first_quadrant`.
        models: path of each parameter's network.
        ranges: lower and upper end of each parameter.
    """
    columns = []
    for name in dataset.PARAMETERS:
        network, arrays, _ = load_network(models[name])
        normalised = apply(network, standardise(quadrants, arrays))[:, 0].astype(float)
        lower, upper = ranges[name]
        columns.append(lower + (upper - lower) * normalised)
    return np.stack(columns, axis=1)


def predict_parameters(samples: xr.Dataset, models: dict[str, str], ranges: dict) -> xr.Dataset:
    """Return the test set's estimated parameters, schema `parameter_predictions`."""
    test = part(samples, "test")
    training = int((samples["split"].values != dataset.SPLITS.index("test")).sum())
    return dataset.make(
        "parameter_predictions",
        dataset.identity(test)
        | {
            "true": true_parameters(test),
            "predicted": estimate_parameters(first_quadrant(test["image"].values), models, ranges),
            "training_count": np.full(len(dataset.PARAMETERS), training),
        },
    )


def predict_images(samples: xr.Dataset, model: str, ranges: dict) -> xr.Dataset:
    """Return the test set's generated images, schema `image_predictions`."""
    test = part(samples, "test")
    network, _, about = load_network(model)
    pixels = about["shape"]["pixels"]
    generated = apply(network, normalise(true_parameters(test), ranges))
    return dataset.make(
        "image_predictions",
        dataset.identity(test)
        | {
            "true": central_crop(test["image"].values, pixels),
            # |S^z| cannot pass 1; what the linear output overshoots is not an image.
            "predicted": np.clip(generated, -1, 1),
            "x": _crop_axis(test["x"].values, pixels),
            "y": _crop_axis(test["y"].values, pixels),
        },
    )


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
    quadrants = first_quadrant(test["image"].values)
    numbers = test["twist_index"].values, test["set_number"].values
    predicted = [
        estimate_parameters(add_noise(quadrants, level, seed, *numbers, number), models, ranges)
        for number, level in enumerate(levels_db)
    ]
    return score_snr(true_parameters(test), np.stack(predicted), levels_db)
