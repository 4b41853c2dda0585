"""What the trained networks make of the test part of the dataset, without and with noise.

Samples are datasets of schema `dataset` from `packed_images.opened`; images are unpacked a batch at
a time.
"""

from collections.abc import Callable

import jax
import numpy as np
import xarray as xr
from flax import nnx

from moirespin.images.noise import add_noise
from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.learning.joint_network import exponentials
from moirespin.learning.metrics import percentage_error
from moirespin.learning.networks import load_network, read_record
from moirespin.learning.split_parts import split_part, true_parameters
from moirespin.states.parameter_space import Ranges, denormalise, normalise

# Quadrants (sample, layer, y, x), packed or not, to theta, J, D (degree, meV), (sample, parameter).
Estimator = Callable[[np.ndarray], np.ndarray]


@nnx.jit
def _outputs(network: nnx.Module, inputs: np.ndarray) -> jax.Array:
    # Compiled as a whole, which takes a third of the time of one operation after the other.
    return network(inputs)


def apply_network(network: nnx.Module, inputs: np.ndarray) -> np.ndarray:
    """Return the outputs of a network, a batch at a time, in float64; first axis the sample."""
    batches = packed_images.batches(len(inputs))
    outputs = [np.asarray(_outputs(network, inputs[rows])) for rows in batches]
    return np.concatenate(outputs).astype(float)


def load_networks(models: dict[str, str], pixels: int, ranges: Ranges) -> dict[str, nnx.Module]:
    """Return the network of each parameter, from its path, for quadrants of `pixels` x `pixels`."""
    return {
        name: load_network(models[name], "regressor", pixels, ranges=ranges, target=name)[0]
        for name in netcdf.PARAMETERS
    }


def estimate_parameters(
    quadrants: np.ndarray, networks: dict[str, nnx.Module], ranges: Ranges
) -> np.ndarray:
    """Return theta, J, D in physical units, shape (sample, parameter), of quadrants.

    Args:
        quadrants: images (sample, layer, y, x) cropped by `first_quadrant`, packed or not.
        networks: network of each parameter.
        ranges: lower and upper end of each parameter.
    """
    columns = [apply_network(networks[name], quadrants)[:, 0] for name in netcdf.PARAMETERS]
    return denormalise(np.stack(columns, axis=1), ranges)


def predict_parameters(samples: xr.Dataset, models: dict[str, str], ranges: Ranges) -> xr.Dataset:
    """Return the test set's parameters as the paper's networks estimate them.

    Args:
        samples: schema `dataset`.
        models: path of the network of each parameter.
        ranges: lower and upper end of each parameter.

    Returns:
        Schema `parameter_predictions`.
    """
    test = split_part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    networks = load_networks(models, quadrants.shape[-1], ranges)
    learnt_from = int((samples["split"].values != netcdf.SPLITS.index("test")).sum())
    return _as_predictions(test, estimate_parameters(quadrants, networks, ranges), learnt_from)


def predict_joint(samples: xr.Dataset, model: str, ranges: Ranges) -> xr.Dataset:
    """Return the test set's parameters as the joint network at `model` estimates them.

    Returns:
        Schema `parameter_predictions`.
    """
    test = split_part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    estimate = joint_estimator(model, quadrants.shape[-1], ranges)
    about = read_record(model, "joint")
    return _as_predictions(test, estimate(quadrants), sum(about["samples"].values()))


def _as_predictions(test: xr.Dataset, predicted: np.ndarray, learnt_from: int) -> xr.Dataset:
    """Return estimates of the test set, from networks that learnt from so many samples."""
    variables = {
        "true": true_parameters(test),
        "predicted": predicted,
        "training_count": np.full(len(netcdf.PARAMETERS), learnt_from),
    }
    return netcdf.make(PARAMETER_PREDICTIONS, netcdf.identity(test) | variables)


def predict_images(
    samples: xr.Dataset,
    model: str,
    *,
    ranges: Ranges,
    path: str,
    made: dict[str, str] | None = None,
) -> None:
    """Write the images that the generator at `model` draws of the test set.

    Args:
        samples: schema `dataset`.
        model: path of the network.
        ranges: lower and upper end of each parameter.
        path: file to write, schema `image_predictions`.
        made: as for `netcdf.write`.
    """
    test = split_part(samples, "test")
    network, _, about = load_network(model, "generator", ranges=ranges)
    pixels, count = about["shape"]["pixels"], test.sizes["sample"]
    inputs = normalise(true_parameters(test), ranges).astype(np.float32)
    images = {name: packed_images.undrawn(count, pixels) for name in ("true", "predicted")}
    axes = {name: _crop_axis(test[name].values, pixels) for name in ("x", "y")}
    described = netcdf.make(IMAGE_PREDICTIONS, netcdf.identity(test) | images | axes)
    with packed_images.streamed(IMAGE_PREDICTIONS, described, path, made=made) as put:
        for rows in packed_images.batches(count):
            true = central_crop(test["image"].isel(sample=rows), pixels)
            put("true", rows.start, packed_images.load(true))
            # |S^z| cannot exceed 1, but the network's linear output can.
            drawn = np.asarray(_outputs(network, inputs[rows]))
            put("predicted", rows.start, np.clip(drawn, -1, 1))


def _crop_axis(centres: np.ndarray, pixels: int) -> np.ndarray:
    start = (len(centres) - pixels) // 2
    return centres[start : start + pixels]


def paper_estimator(models: dict[str, str], pixels: int, ranges: Ranges) -> Estimator:
    """Return what the paper's networks, from the path of each, make of quadrants."""
    networks = load_networks(models, pixels, ranges)
    return lambda quadrants: estimate_parameters(quadrants, networks, ranges)


def joint_estimator(model: str, pixels: int, ranges: Ranges) -> Estimator:
    """Return what the joint network at `model` makes of quadrants."""
    network, *_ = load_network(model, "joint", pixels, ranges=ranges)
    return lambda quadrants: exponentials(apply_network(network, quadrants), ranges)


def sweep_snr(
    samples: xr.Dataset, estimator: Estimator, *, levels_db: list[float], seed: int
) -> xr.Dataset:
    """Return the estimates from noisy test images at each level.

    Noise is put on the quadrant that the networks see, so that P_S of eq. (9) is the power of the
    noisy input itself.

    Args:
        samples: schema `dataset`.
        estimator: of the parameters from quadrants.
        levels_db: signal-to-noise ratio of each level (dB).
        seed: seed of the run, for the noise.

    Returns:
        Schema `snr_scores`.
    """
    test = split_part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    twist_index, set_number = test["twist_index"].values, test["set_number"].values

    def estimate(level: int, rows: slice) -> np.ndarray:
        noisy = add_noise(
            packed_images.unpack(quadrants[rows]),
            snr_db=levels_db[level],
            seed=seed,
            twist_index=twist_index[rows],
            set_number=set_number[rows],
            level=level,
        )
        return estimator(noisy)

    predicted = [
        np.concatenate([estimate(level, rows) for rows in packed_images.batches(len(quadrants))])
        for level in range(len(levels_db))
    ]
    powers = [image_powers(quadrants[rows]) for rows in packed_images.batches(len(quadrants))]
    signal, contrast = np.concatenate(powers, axis=1)
    return score_snr(
        true_parameters(test), np.stack(predicted), levels_db, signal=signal, contrast=contrast
    )


def image_powers(images: np.ndarray) -> np.ndarray:
    """Return mean square and variance of S^z, means over both layers, shape (2, sample).

    Args:
        images: packed or not, shape (sample, layer, y, x).
    """
    spins = np.asarray(packed_images.unpack(images), dtype=float)
    square, variance = np.mean(spins**2, axis=(2, 3)), np.var(spins, axis=(2, 3))
    return np.stack([square.mean(axis=1), variance.mean(axis=1)])


def score_snr(
    true: np.ndarray,
    predicted: np.ndarray,
    levels_db: list[float],
    *,
    signal: np.ndarray,
    contrast: np.ndarray,
) -> xr.Dataset:
    """Return the estimates from noisy images and their MAPE, schema `snr_scores`.

    Args:
        true: theta, J, D (degree, meV), shape (sample, parameter).
        predicted: the same, estimated at each noise level, shape (snr, sample, parameter).
        levels_db: signal-to-noise ratio of each level (dB).
        signal: mean square of S^z of each sample, shape (sample,).
        contrast: its variance over the pixels, shape (sample,).
    """
    predicted = np.asarray(predicted)
    mape = percentage_error(predicted, true).mean(axis=1)
    scores = {"snr": levels_db, "true": true, "predicted": predicted, "mape": mape}
    scores |= {"signal_power": signal, "contrast_power": contrast}
    return netcdf.make(SNR_SCORES, scores)
