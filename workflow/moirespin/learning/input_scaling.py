"""Mean and deviation with which images enter a network, from its training part.

The paper's text says nothing of a standardisation of its inputs. Per pixel, what hardly varies over
the training part is amplified up to a floor of the deviation, and noise with it.

Images are packed, shape (sample, layer, y, x); what is returned has the shape (layer, y, x).
Status: our choice.
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from moirespin.io import netcdf, packed_images
from moirespin.learning.joint_network import tilt_rad

# Pixels that hardly vary over the training set must not be blown up to noise.
SMALLEST_DEVIATION = 1e-3
LARGE_FLOOR = 0.1

Arrays = dict[str, np.ndarray]


def image_statistics(images: np.ndarray, floor: float = SMALLEST_DEVIATION) -> Arrays:
    """Return the mean and deviation of S^z of each pixel, the latter at least `floor`."""
    # Sums of the stored integers are exact.
    read, unit = (lambda stored: stored), float(netcdf.IMAGE_SCALE)
    return _pixel_statistics(images, read=read, unit=unit, floor=floor)


def tilt_statistics(images: np.ndarray) -> Arrays:
    """Return the mean and deviation of the tilt of each pixel."""
    return _pixel_statistics(images, read=tilt_rad, unit=1.0, floor=SMALLEST_DEVIATION)


def with_large_floor(images: np.ndarray) -> Arrays:
    """Return the mean and deviation of S^z of each pixel, the latter at least 0.1."""
    return image_statistics(images, LARGE_FLOOR)


def alike_in_a_layer(images: np.ndarray) -> Arrays:
    """Return one mean and one deviation of S^z for all pixels of a layer."""
    return pooled(image_statistics(images, floor=0.0))


def unscaled(images: np.ndarray) -> Arrays:
    """Return a mean of 0 and a deviation of 1."""
    shape = images.shape[1:]
    return {"input_mean": np.zeros(shape, "f4"), "input_deviation": np.ones(shape, "f4")}


def tilts_alike_in_a_layer(images: np.ndarray, spare: int) -> Arrays:
    """Return one mean and one deviation of the tilts for all pixels of a layer.

    Args:
        images: larger by `spare` pixels along y and x than what the network sees.
        spare: those pixels.
    """
    return pooled(tilt_statistics(images[..., spare:, spare:]))


def pooled(own: Arrays) -> Arrays:
    """Return the mean and deviation of all pixels of a layer, from those of each pixel."""
    mean = own["input_mean"].mean(axis=(1, 2), keepdims=True)
    square = own["input_deviation"] ** 2 + (own["input_mean"] - mean) ** 2
    deviation = np.sqrt(square.mean(axis=(1, 2), keepdims=True))
    deviation = np.maximum(deviation, SMALLEST_DEVIATION)
    shape = own["input_mean"].shape
    return {
        "input_mean": np.broadcast_to(mean, shape),
        "input_deviation": np.broadcast_to(deviation, shape),
    }


def _pixel_statistics(
    images: np.ndarray, *, read: Callable[[Any], np.ndarray | jax.Array], unit: float, floor: float
) -> Arrays:
    """Return mean and deviation per pixel of `unit` times what `read` makes of packed images."""
    rows = packed_images.batches(len(images))
    total = sum(np.asarray(read(images[own])).sum(axis=0, dtype=np.float64) for own in rows)
    mean = total / len(images)
    squares = sum(((np.asarray(read(images[own])) - mean) ** 2).sum(axis=0) for own in rows)
    deviation = np.maximum(unit * np.sqrt(squares / len(images)), floor)
    return {
        "input_mean": (unit * mean).astype(np.float32),
        "input_deviation": deviation.astype(np.float32),
    }


# Ways to scale the inputs of the paper's networks; the first is that of every run.
SCALINGS: dict[str, Callable[[np.ndarray], Arrays]] = {
    "pixel": image_statistics,
    "floor": with_large_floor,
    "layer": alike_in_a_layer,
    "raw": unscaled,
}
