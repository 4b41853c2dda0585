"""What the networks learn, and see, if one of their choices is another.

Both kinds of networks, the paper's and the joint one, can see spins or tilts, and can learn
normalised parameters or logarithms. What a network does not take by itself is done to its inputs
before it sees them.

Images are S^z, packed or not, shape (sample, layer, y, x).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.changes import Changes
from moirespin.learning.degradation import add_white_noise
from moirespin.learning.input_scaling import image_statistics, tilt_statistics
from moirespin.learning.joint_network import exponentials, logarithms, tilt_rad
from moirespin.learning.networks import load_network
from moirespin.learning.prediction import Estimator, apply_network
from moirespin.learning.split_parts import true_parameters
from moirespin.learning.training import Loss, mean_absolute_error, mean_squared_error
from moirespin.learning.training_tasks import Task
from moirespin.states.parameter_space import Ranges, denormalise, normalise

# S^z as a tilt: this angle for S^z = 1, the same to the other side of a right angle for -1. Noise
# leaves [-1, 1], and stays between the ends of the tilt up to |S^z| = 3.
RADIANS_PER_SPIN = np.pi / 6


class Sight(NamedTuple):
    """What a network sees.

    Attributes:
        prepare: images -> what the network gets.
        statistics: packed images -> mean and deviation of what it sees.
    """

    prepare: Callable[[Any], jax.Array]
    statistics: Callable[[np.ndarray], dict[str, np.ndarray]]


class Lesson(NamedTuple):
    """What a network learns.

    Attributes:
        encode: parameters (sample, parameter), ranges -> targets of the same shape.
        decode: the way back.
        loss: (predicted, true) -> scalar.
    """

    encode: Callable[[np.ndarray, Ranges], np.ndarray]
    decode: Callable[[np.ndarray, Ranges], np.ndarray]
    loss: Loss


def spin_as_tilt(images: Any) -> jax.Array:
    """Return what the joint network, which takes tilts arccos S^z, sees as S^z itself.

    Its arccos makes pi / 2 - pi S^z / 6 of it: S^z but for a constant and a factor, which the
    standardisation of the inputs takes out.
    """
    return jnp.sin(RADIANS_PER_SPIN * packed_images.unpack(images))


def spin_as_tilt_statistics(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return mean and deviation, per pixel, of the angles that stand for S^z."""
    found = image_statistics(images)
    mean = np.pi / 2 - RADIANS_PER_SPIN * found["input_mean"]
    deviation = RADIANS_PER_SPIN * found["input_deviation"]
    return {"input_mean": mean.astype("f4"), "input_deviation": deviation.astype("f4")}


SIGHTS = {
    ("regressor", "spin"): Sight(packed_images.unpack, image_statistics),
    ("regressor", "tilt"): Sight(tilt_rad, tilt_statistics),
    ("joint", "spin"): Sight(spin_as_tilt, spin_as_tilt_statistics),
    ("joint", "tilt"): Sight(packed_images.unpack, tilt_statistics),
}
LESSONS = {
    "squared": Lesson(normalise, denormalise, mean_squared_error),
    "absolute": Lesson(normalise, denormalise, mean_absolute_error),
    "logarithmic": Lesson(logarithms, exponentials, mean_absolute_error),
}
# What every run has: kind of the networks -> what they see; the loss of the paper's is in the
# config.
USUALLY_SEEN = {"regressor": "spin", "joint": "tilt"}


def usual_changes(changes: Changes, kind: str, loss: str) -> Changes:
    """Return changes with what the kind of network sees and learns if nothing else is chosen.

    Args:
        changes: against every run.
        kind: regressor or joint.
        loss: that of the paper's networks.
    """
    usual = "logarithmic" if kind == "joint" else loss
    return changes._replace(sees=changes.sees or USUALLY_SEEN[kind], learns=changes.learns or usual)


def kind_of(network: str) -> str:
    """Return the kind of a network: that of a parameter, or the joint one."""
    return "joint" if network == "joint" else "regressor"


def varied_task(
    network: str,
    shape: dict[str, Any],
    ranges: Ranges,
    *,
    changes: Changes,
    loss: str,
    snr_db: tuple[float, float],
) -> Task:
    """Return the task of a network with its changes.

    Args:
        network: joint, or the parameter of one of the paper's networks.
        shape: arguments of its constructor, apart from the pixels.
        ranges: lower and upper end of each parameter.
        changes: against every run.
        loss: of the paper's networks in every run.
        snr_db: ends of the signal-to-noise ratio of noisy training images.
    """
    kind = kind_of(network)
    changes = usual_changes(changes, kind, loss)
    sight, lesson = SIGHTS[kind, changes.sees or ""], LESSONS[changes.learns or ""]

    def examples(samples: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
        targets = lesson.encode(true_parameters(samples), ranges)
        if kind == "regressor":
            column = PARAMETERS.index(network)
            targets = targets[:, column : column + 1]
        return packed_images.load(first_quadrant(samples["image"])), targets

    def augment(key: jax.Array, images: jax.Array) -> jax.Array:
        return sight.prepare(add_white_noise(key, images, snr_db) if changes.noisy else images)

    target = "parameters" if kind == "joint" else network
    return Task(kind, target, shape, lesson.loss, examples, sight.statistics, augment)


def varied_estimator(
    models: Mapping[str, str], pixels: int, ranges: Ranges, *, changes: Changes, loss: str
) -> Estimator:
    """Return what networks with their changes make of quadrants.

    Args:
        models: path of each parameter's network, or of `joint`.
        pixels: along a side of the quadrants.
        ranges: lower and upper end of each parameter.
        changes: against every run.
        loss: of the paper's networks in every run.
    """
    (kind,) = {kind_of(name) for name in models}
    changes = usual_changes(changes, kind, loss)
    sight, lesson = SIGHTS[kind, changes.sees or ""], LESSONS[changes.learns or ""]
    names = ["joint"] if kind == "joint" else PARAMETERS
    networks = [load_network(models[name], kind, pixels, ranges=ranges)[0] for name in names]

    def estimate(quadrants: np.ndarray) -> np.ndarray:
        seen = np.asarray(sight.prepare(quadrants))
        outputs = [apply_network(network, seen) for network in networks]
        return lesson.decode(np.concatenate(outputs, axis=1), ranges)

    return estimate
