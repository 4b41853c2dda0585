"""The paper's two tasks, images to parameters and parameters to images: training.

What goes into each network and what comes out: quadrants standardised per pixel and parameters
normalised by eq. (2). The test part of the dataset is left to `predictions`.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from moirespin import dataset
from moirespin.imaging import central_crop, first_quadrant
from moirespin.metrics import normalise
from moirespin.networks import build, save_network
from moirespin.training import (
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
    return np.stack([samples[name].values for name in dataset.PARAMETERS], axis=1)


def part(samples: xr.Dataset, name: str) -> xr.Dataset:
    """Return the samples of one part of the split.

    Raises:
        ValueError: if the part holds too few samples to be used.
    """
    chosen = samples.isel(sample=samples["split"].values == dataset.SPLITS.index(name))
    fewest = FEWEST_TRAINING_SAMPLES if name == "train" else 1
    if chosen.sizes["sample"] < fewest:
        raise ValueError(
            f"the {name} part of the dataset has {chosen.sizes['sample']} samples, at least"
            f" {fewest} are needed: raise sweep.sets_per_angle in the config"
        )
    return chosen


def standardise(images: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return images (sample, layer, y, x) less their mean, in units of their deviation."""
    return ((images - arrays["input_mean"]) / arrays["input_deviation"]).astype(np.float32)


def input_statistics(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the per-pixel mean and deviation of training images, each (layer, y, x)."""
    deviation = np.maximum(images.std(axis=0), SMALLEST_DEVIATION)
    return {
        "input_mean": images.mean(axis=0).astype(np.float32),
        "input_deviation": deviation.astype(np.float32),
    }


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
        samples: schema `dataset`.
        parameter: one of dataset.PARAMETERS.
        widths: `first`, `features`, `third` of the network.
        schedule: the fields of training.Schedule.
        ranges: lower and upper end of each parameter.
        seed: seeds weights and shuffling.
        path: safetensors file; its JSON lies beside it.
        code: fingerprint of the code that trains, for the record.
    """
    column = dataset.PARAMETERS.index(parameter)
    parts = {name: part(samples, name) for name in ("train", "validation")}
    images = {name: first_quadrant(chosen["image"].values) for name, chosen in parts.items()}
    statistics = input_statistics(images["train"])
    shape = {"pixels": images["train"].shape[-1], **widths}
    pairs = {
        name: (
            standardise(images[name], statistics),
            normalise(true_parameters(parts[name]), ranges)[:, column : column + 1],
        )
        for name in parts
    }
    _train("regressor", shape, mean_squared_error, pairs, schedule, seed, path, code, statistics)


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
            central_crop(chosen["image"].values, pixels),
        )
        for name, chosen in parts.items()
    }
    shape = {"pixels": pixels, **shape}
    _train("generator", shape, mean_absolute_error, pairs, schedule, seed, path, code, {})


def _train(kind, shape, loss, pairs, schedule, seed, path, code, extra):
    network = build(kind, shape, seed)
    checkpoint = Path(path).with_suffix(".checkpoint")
    history = fit(
        network, loss, pairs["train"], pairs["validation"], Schedule(**schedule), seed, checkpoint
    )
    about = {
        "kind": kind,
        "shape": shape,
        "seed": seed,
        "schedule": schedule,
        "samples": {name: len(pair[0]) for name, pair in pairs.items()},
        "data": data_fingerprint(*pairs["train"], *pairs["validation"]),
        "code": code,
        "history": history,
    }
    save_network(path, network, extra, about)
