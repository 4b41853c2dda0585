"""The paper's two tasks, images to parameters and parameters to images: training.

What goes into each network and what comes out: quadrants standardised per pixel and parameters
normalised by eq. (2). The test part of the dataset is left to `predictions`.

Samples are datasets of schema `dataset` from `packed.opened`: only what a task uses is read, and
images stay in 16 bits.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.learning.metrics import normalise
from moirespin.learning.networks import build, save_network
from moirespin.learning.training import (
    Schedule,
    data_fingerprint,
    fit,
    mean_absolute_error,
    mean_squared_error,
)

# Pixels that hardly vary over the training set must not be blown up to noise.
SMALLEST_DEVIATION = 1e-3
FEWEST_TRAINING_SAMPLES = 8


def true_parameters(samples: xr.Dataset) -> np.ndarray:
    """Return theta, J, D of samples (degree, meV), shape (sample, 3)."""
    return np.stack([samples[name].values for name in netcdf.PARAMETERS], axis=1)


def part(samples: xr.Dataset, name: str) -> xr.Dataset:
    """Return the samples of one part of the split.

    Raises:
        ValueError: if the part holds too few samples to be used.
    """
    chosen = samples.isel(sample=samples["split"].values == netcdf.SPLITS.index(name))
    fewest = FEWEST_TRAINING_SAMPLES if name == "train" else 1
    if chosen.sizes["sample"] < fewest:
        raise ValueError(
            f"the {name} part of the dataset has {chosen.sizes['sample']} samples, at least"
            f" {fewest} are needed: raise sweep.sets_per_angle in the config"
        )
    return chosen


def input_statistics(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the per-pixel mean and deviation of packed training images, each (layer, y, x)."""
    batches = [images[rows] for rows in packed_images.batches(len(images))]
    mean = sum(batch.sum(axis=0, dtype=np.float64) for batch in batches) / len(images)
    variance = sum(((batch - mean) ** 2).sum(axis=0) for batch in batches) / len(images)
    scale = float(netcdf.IMAGE_SCALE)
    deviation = np.maximum(scale * np.sqrt(variance), SMALLEST_DEVIATION)
    return {
        "input_mean": (scale * mean).astype(np.float32),
        "input_deviation": deviation.astype(np.float32),
    }


def identities(samples: xr.Dataset) -> np.ndarray:
    """Return twist index and set number of samples, shape (sample, 2)."""
    return np.stack([samples[name].values for name in ("twist_index", "set_number")], axis=1)


def train_regressor(
    samples: xr.Dataset,
    parameter: str,
    widths: dict,
    schedule: dict,
    ranges: dict,
    seed: int,
    path: str,
    code: str,
) -> None:
    """Train the network of one parameter and write it to `path`.

    Args:
        samples: schema `dataset`, from `packed.opened`.
        parameter: one of dataset.PARAMETERS.
        widths: `first`, `features`, `third` of the network.
        schedule: the fields of training.Schedule.
        ranges: lower and upper end of each parameter.
        seed: seeds weights and shuffling.
        path: safetensors file; its JSON lies beside it.
        code: fingerprint of the code that trains, for the record.
    """
    column = netcdf.PARAMETERS.index(parameter)
    parts = {name: part(samples, name) for name in ("train", "validation")}
    pairs = {
        name: (
            packed_images.load(first_quadrant(chosen["image"])),
            normalise(true_parameters(chosen), ranges)[:, column : column + 1],
        )
        for name, chosen in parts.items()
    }
    images = pairs["train"][0]
    shape = {"pixels": images.shape[-1], **widths}
    network = build("regressor", shape, seed)
    for name, array in input_statistics(images).items():
        getattr(network, name)[...] = array
    about = {"kind": "regressor", "shape": shape, "seed": seed, "schedule": schedule, "code": code}
    train_network(network, mean_squared_error, parts, pairs, about, path)


def train_generator(
    samples: xr.Dataset,
    pixels: int,
    shape: dict,
    schedule: dict,
    ranges: dict,
    seed: int,
    path: str,
    code: str,
) -> None:
    """Train the generator of `pixels` x `pixels` images and write it to `path`.

    `shape` holds `first`, `second` and `input_scale` of the network; the rest is as in
    `train_regressor`.
    """
    parts = {name: part(samples, name) for name in ("train", "validation")}
    pairs = {
        name: (
            normalise(true_parameters(chosen), ranges),
            packed_images.load(central_crop(chosen["image"], pixels)),
        )
        for name, chosen in parts.items()
    }
    shape = {"pixels": pixels, **shape}
    about = {"kind": "generator", "shape": shape, "seed": seed, "schedule": schedule, "code": code}
    train_network(build("generator", shape, seed), mean_absolute_error, parts, pairs, about, path)


def train_network(network, loss, parts, pairs, about, path):
    """Train `network` and write it with what it was made from: the sets, the data and the code.

    Args:
        network: trained in place.
        loss: (predicted, true) -> scalar.
        parts: the samples of "train" and "validation".
        pairs: inputs and targets of both.
        about: kind, shape, seed, schedule and code of the network; samples, data and history are
            added.
        path: safetensors file; its JSON lies beside it, its checkpoint while it is trained.
    """
    about["samples"] = {name: len(pair[0]) for name, pair in pairs.items()}
    about["data"] = data_fingerprint(*pairs["train"], *pairs["validation"])
    checkpoint = Path(path).with_suffix(".checkpoint")
    about["history"] = fit(
        network,
        loss,
        pairs["train"],
        pairs["validation"],
        Schedule(**about["schedule"]),
        about["seed"],
        checkpoint,
        f"{about['kind']} {about['shape']} {about['data']} {about['code']}",
    )
    sets = {f"{name}_sets": identities(chosen) for name, chosen in parts.items()}
    save_network(path, network, sets, about)
    # Not before: a disk that is full now must not cost the training.
    checkpoint.unlink(missing_ok=True)
