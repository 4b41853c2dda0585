"""What each network learns: which part of the images, which numbers, and by which loss.

The paper's networks see quadrants standardised per pixel and parameters normalised by eq. (2); the
joint network sees the quadrants' tilts and learns logarithms. The test part of the dataset is left
to `prediction`. Samples are datasets of schema `dataset` from `packed_images.opened`: only what a
task uses is read, and images stay in 16 bits.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.weights import data_fingerprint
from moirespin.learning.degradation import Degradation, add_white_noise, degrade
from moirespin.learning.input_scaling import (
    SCALINGS,
    image_statistics,
    tilt_statistics,
    tilts_alike_in_a_layer,
)
from moirespin.learning.joint_network import logarithms
from moirespin.learning.networks import build, save_network
from moirespin.learning.split_parts import identities, split_part, true_parameters
from moirespin.learning.training import (
    Augment,
    Loss,
    Schedule,
    fit,
    mean_absolute_error,
    mean_squared_error,
    unchanged,
)
from moirespin.states.parameter_space import Ranges, normalise

# Of the paper's regression networks; the paper's text has the squared error.
LOSSES: dict[str, Loss] = {"squared": mean_squared_error, "absolute": mean_absolute_error}


class Task(NamedTuple):
    """What one network learns.

    Attributes:
        kind: one of `networks.NETWORKS`.
        target: what it learns, for the record: a parameter's name, "parameters" or "image".
        shape: arguments of its constructor, apart from `pixels`.
        loss: (predicted, true) -> scalar.
        examples: samples -> inputs and targets, first axis the sample; images are packed.
        statistics: packed training inputs -> arrays that the network keeps, such as its mean input.
        augment: what is done to inputs before the network sees them.
        spare_pixels: by so many its inputs are larger than what it sees.
    """

    kind: str
    target: str
    shape: dict[str, Any]
    loss: Loss
    examples: Callable[[xr.Dataset], tuple[np.ndarray, np.ndarray]]
    statistics: Callable[[np.ndarray], dict[str, np.ndarray]] = lambda inputs: {}
    augment: Augment = unchanged
    spare_pixels: int = 0


def regression(
    parameter: str, widths: dict[str, int], ranges: Ranges, *, loss: str = "squared"
) -> Task:
    """Return the task of the paper's network for one parameter.

    Args:
        parameter: one of `netcdf.PARAMETERS`.
        widths: `first`, `features`, `third` of the network.
        ranges: lower and upper end of each parameter.
        loss: one of `LOSSES`.
    """
    column = netcdf.PARAMETERS.index(parameter)

    def examples(samples: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
        targets = normalise(true_parameters(samples), ranges)[:, column : column + 1]
        return packed_images.load(first_quadrant(samples["image"])), targets

    return Task("regressor", parameter, widths, LOSSES[loss], examples, image_statistics)


def scaled_regression(
    parameter: str,
    widths: dict[str, int],
    ranges: Ranges,
    *,
    loss: str,
    scaling: str,
    snr_db: list[float],
) -> Task:
    """Return the task of the paper's network with inputs scaled otherwise, with or without noise.

    Args:
        parameter: one of `netcdf.PARAMETERS`.
        widths: `first`, `features`, `third` of the network.
        ranges: lower and upper end of each parameter.
        loss: one of `LOSSES`.
        scaling: one of `input_scaling.SCALINGS`.
        snr_db: ends of the signal-to-noise ratio of its training images; none without noise.
    """
    task = regression(parameter, widths, ranges, loss=loss)._replace(statistics=SCALINGS[scaling])
    if not snr_db:
        return task
    lowest, highest = snr_db
    return task._replace(augment=partial(add_white_noise, snr_db=(lowest, highest)))


def generation(pixels: int, shape: dict[str, Any], ranges: Ranges) -> Task:
    """Return the task of the paper's generator of `pixels` x `pixels` images.

    `shape` holds `first`, `second` and `input_scale` of the network.
    """

    def examples(samples: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
        images = packed_images.load(central_crop(samples["image"], pixels))
        return normalise(true_parameters(samples), ranges), images

    return Task("generator", "image", shape, mean_absolute_error, examples)


def joint_regression(shape: dict[str, Any], ranges: Ranges) -> Task:
    """Return the task of the joint network; `shape` holds its `channels` and `features`."""

    def examples(samples: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
        targets = logarithms(true_parameters(samples), ranges)
        return packed_images.load(first_quadrant(samples["image"])), targets

    return Task("joint", "parameters", shape, mean_absolute_error, examples, tilt_statistics)


def robust_regression(
    shape: dict[str, Any], ranges: Ranges, *, snr_db: list[float], bits: int, shift_pixels: int
) -> Task:
    """Return the task of the joint network for images with noise, rounding and small shifts.

    Args:
        shape: `channels` and `features` of the network.
        ranges: lower and upper end of each parameter.
        snr_db: ends of the signal-to-noise ratio.
        bits: to which every second image is rounded.
        shift_pixels: by up to so many pixels images are shifted towards the middle of the window.
    """
    lowest, highest = snr_db
    degradation = Degradation((lowest, highest), bits, shift_pixels)

    def examples(samples: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
        targets = logarithms(true_parameters(samples), ranges)
        return packed_images.load(first_quadrant(samples["image"], shift_pixels)), targets

    return Task(
        "joint",
        "parameters",
        shape,
        mean_absolute_error,
        examples,
        partial(tilts_alike_in_a_layer, spare=shift_pixels),
        partial(degrade, degradation=degradation),
        shift_pixels,
    )


def train_network(
    task: Task, samples: xr.Dataset, *, schedule: Schedule, seed: int, code: str, path: str
) -> None:
    """Train the network of a task and write it with what made it: the sets, the data, the code.

    Args:
        task: what it learns.
        samples: schema `dataset`, from `packed_images.opened`.
        schedule: settings of the training.
        seed: seeds weights and shuffling.
        code: fingerprint of the code that trains, for the record.
        path: safetensors file; its JSON lies beside it, its checkpoint while it is trained.

    Raises:
        ValueError: if the dataset has too few samples, or the training diverges.
    """
    parts = {name: split_part(samples, name) for name in ("train", "validation")}
    examples = {name: task.examples(chosen) for name, chosen in parts.items()}
    inputs, targets = examples["train"]
    images = inputs if inputs.ndim == 4 else targets
    shape = {"pixels": images.shape[-1] - task.spare_pixels, **task.shape}
    network = build(task.kind, shape, seed)
    for name, array in task.statistics(inputs).items():
        getattr(network, name)[...] = array
    data = data_fingerprint(*examples["train"], *examples["validation"])
    checkpoint = Path(path).with_suffix(".checkpoint")
    history = fit(
        network,
        task.loss,
        training=examples["train"],
        validation=examples["validation"],
        schedule=schedule,
        seed=seed,
        checkpoint=checkpoint,
        origin=f"{task.kind} {task.target} {shape} {data} {code}",
        augment=task.augment,
    )
    about = {"kind": task.kind, "target": task.target, "shape": shape, "seed": seed}
    about |= {"schedule": schedule._asdict(), "code": code, "data": data, "history": history}
    about |= {"samples": {name: len(pair[0]) for name, pair in examples.items()}}
    sets = {f"{name}_sets": identities(chosen) for name, chosen in parts.items()}
    save_network(path, network, sets, about=about)
    # The checkpoint goes last: a disk that is full now must not cost the training.
    checkpoint.unlink(missing_ok=True)
