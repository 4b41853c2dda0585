"""A measured image, what is known of it, and the texture model that it is read with.

Axes:
    image: one, or top and bottom of the channel `both`.
    y, x: pixels; y upwards. The origin is the centre of the image.
Units: nm, degree, meV; the signal in unit spins or uT times an unknown gain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from moirespin.probes.instrument import CHANNELS
from moirespin.probes.stray_field import Sheets

BRANCHES = ("NCD", "MD")
NCD, MD = range(2)
UNITS = ("spin", "arbitrary")
# An image with fewer pixels along a side holds no texture.
FEWEST_PIXELS = 16
# Waves that a search compares, in units of the shortest.
SKETCH_REACH = 4


# theta in degree, J and D in meV: numbers or arrays.
ThetaJD = tuple[Any, Any, Any]


@dataclass(frozen=True, eq=False)
class Textures:
    """Textures of both branches over the moire cell, as a pure function of theta, J and D.

    Attributes:
        index: wavevectors in reciprocal moire vectors, one of each pair, shape (wave, 2).
        amplitudes: (branch, ThetaJD) -> waves in the canonical pose, complex, shape (layer,
            component, wave); differentiable.
        sketch: the same for the waves up to SKETCH_REACH, roughly and fast.
        energies: ThetaJD -> energy of each branch above the ferromagnet (meV per cell), shape
            (branch,).
        misfit: (branch, ThetaJD) -> what the model got wrong for textures nearby that it was
            not trained on, waves, shape (example, layer, component, wave).
        twist_deg, exchange_mev, anisotropy_mev: ranges in which the model holds.
        lattice_constant_nm: of the honeycomb.
        magnet: moments and distance of the layers.
    """

    index: np.ndarray
    amplitudes: Callable[[int, ThetaJD], jax.Array]
    sketch: Callable[[int, ThetaJD], jax.Array]
    energies: Callable[[ThetaJD], np.ndarray]
    misfit: Callable[[int, ThetaJD], np.ndarray]
    twist_deg: tuple[float, float]
    exchange_mev: tuple[float, float]
    anisotropy_mev: tuple[float, float]
    lattice_constant_nm: float
    magnet: Sheets


class Measurement(NamedTuple):
    """Pixels of a measurement.

    Attributes:
        images: shape (image, y, x), 0 where there is no pixel.
        seen: 1 where there is a pixel and 0 where not, shape (image, y, x).
        pixel_nm: distance of the pixels.
    """

    images: np.ndarray
    seen: np.ndarray
    pixel_nm: float

    @property
    def centres_nm(self) -> tuple[np.ndarray, np.ndarray]:
        """Centres of the columns (x,) and of the rows (y,)."""
        rows, columns = self.images.shape[1:]
        return (
            (np.arange(columns) - (columns - 1) / 2) * self.pixel_nm,
            (np.arange(rows) - (rows - 1) / 2) * self.pixel_nm,
        )


@dataclass(frozen=True)
class Knowledge:
    """What is known before the image is looked at.

    Attributes:
        channel: what the probe sees, one of `probes.instrument.CHANNELS`.
        units: "spin": the image is S^z itself (uT for a stray field), with gain 1 and no
            background; "arbitrary": gain of either sign, offset and tilted background unknown.
        twist_deg, exchange_mev, anisotropy_mev: lowest and highest value; all between are equally
            likely beforehand.
        point_spread_nm: standard deviation of the Gaussian point spread, and the error of that.
        height_nm: height of the sensor above the top layer, and the error of that.
        axis: direction that the sensor measures, normalised here or not.
        aperture_nm: side of the square that a pixel averages over, 0 for a point.
        excess_mev: how far above the ground state the sample may be, per moire cell.
    """

    channel: str
    units: str
    twist_deg: tuple[float, float]
    exchange_mev: tuple[float, float]
    anisotropy_mev: tuple[float, float]
    point_spread_nm: tuple[float, float] = (0.0, 0.0)
    height_nm: tuple[float, float] = (50.0, 0.0)
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    aperture_nm: float = 0.0
    excess_mev: float = 1.0


def check_measurement(images: np.ndarray, pixel_nm: float, channel: str) -> Measurement:
    """Return the pixels of an image (y, x), or of several (image, y, x); NaN is no pixel.

    Raises:
        ValueError: one sentence on what the image must be.
    """
    images = np.asarray(images, float)
    if images.ndim == 2:
        images = images[None]
    expected = 2 if channel == "both" else 1
    if images.ndim != 3 or len(images) != expected:
        raise ValueError(
            f"the image has shape {images.shape}: channel {channel} needs"
            f" {'two images, top and bottom' if expected == 2 else 'one image'} of rows and columns"
        )
    if min(images.shape[1:]) < FEWEST_PIXELS:
        raise ValueError(
            f"the image has {images.shape[2]} x {images.shape[1]} pixels: it must have at least"
            f" {FEWEST_PIXELS} along each side"
        )
    if not pixel_nm > 0:
        raise ValueError(f"the pixel size is {pixel_nm} nm: it must be above 0")
    seen = np.isfinite(images)
    for values, known in zip(images, seen, strict=True):
        if known.sum() < FEWEST_PIXELS**2:
            raise ValueError(
                f"the image has {known.sum()} pixels that are numbers: it must have at least"
                f" {FEWEST_PIXELS**2}"
            )
        if np.ptp(values[known]) == 0:
            raise ValueError(
                f"the image is constant, {values[known][0]:g}: there is nothing to read from it"
            )
    return Measurement(np.where(seen, images, 0.0), seen.astype(float), float(pixel_nm))


def check_knowledge(known: Knowledge, model: Textures) -> Knowledge:
    """Return `known` if it makes sense and lies within the range of the texture model.

    Raises:
        ValueError: one sentence naming the option.
    """
    if known.channel not in CHANNELS:
        raise ValueError(f"--channel is {known.channel}: it must be one of {', '.join(CHANNELS)}")
    if known.units not in UNITS:
        raise ValueError(f"--units is {known.units}: it must be one of {', '.join(UNITS)}")
    for name, unit in (("twist_deg", "degree"), ("exchange_mev", "meV"), ("anisotropy_mev", "meV")):
        lowest, highest = getattr(known, name)
        least, most = getattr(model, name)
        if not least <= lowest < highest <= most:
            raise ValueError(
                f"--{name.replace('_', '-')} is {lowest:g} {highest:g}: it must be two rising"
                f" numbers from {least:g} to {most:g} {unit}, where the texture model holds"
            )
    if known.channel == "stray-field" and not known.height_nm[0] > 0:
        raise ValueError(f"--height-nm is {known.height_nm[0]:g}: it must be above 0")
    if known.channel == "stray-field" and not np.linalg.norm(known.axis) > 0:
        raise ValueError("--axis is 0 0 0: it must be a direction")
    if min(*known.point_spread_nm, known.height_nm[1], known.aperture_nm) < 0:
        raise ValueError("resolution, height and their errors must not be negative")
    return known
