"""What an instrument makes of a spin texture: probe, resolution, pixels, read-out, noise.

The chain is: the probe's channel (which spins, or the field above them), its point spread, the
extent of a pixel, sampling, gain and offset on a tilted background, white noise. Everything up to
the noise is linear in the spins and differentiable in every number.

Channels:
    net: mean S^z of both layers, as by Kerr rotation or circular dichroism.
    top: S^z of the top layer, as by a spin-polarised tip.
    both: S^z of each layer, as in the paper's images.
    stray-field: the field along an axis at a height above the top layer (uT), as by a
        nitrogen-vacancy centre or a scanning SQUID.

Axes:
    image: one, or two (top, bottom) of the channel `both`.
    y, x: pixels; y upwards.
Units: nm; the signal is in unit spins, or in uT of the stray field.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.probes.stray_field import Sheets, field_waves
from moirespin.probes.waves import PlaneWaves, sample


class Instrument(NamedTuple):
    """What is known of a microscope.

    Attributes:
        point_spread_nm: standard deviation of its Gaussian point spread, 0 for a sharp one.
        aperture_nm: side of the square over which a pixel averages, 0 for a point.
        height_nm: of the sensor above the top layer; of the channel `stray-field` only.
        axis: unit vector along which the sensor measures, (3,); of `stray-field` only.
        magnet: moments of the layers; of `stray-field` only.
    """

    point_spread_nm: jax.Array
    aperture_nm: jax.Array
    height_nm: jax.Array
    axis: jax.Array
    magnet: Sheets


def net(texture: PlaneWaves, instrument: Instrument) -> jax.Array:
    """Return the waves of the mean S^z of both layers, shape (1, wave)."""
    return jnp.mean(texture.amplitudes[:, 2], axis=0, keepdims=True)


def top(texture: PlaneWaves, instrument: Instrument) -> jax.Array:
    """Return the waves of S^z of the top layer, shape (1, wave)."""
    return texture.amplitudes[:1, 2]


def both(texture: PlaneWaves, instrument: Instrument) -> jax.Array:
    """Return the waves of S^z of each layer, shape (2, wave)."""
    return texture.amplitudes[:, 2]


def stray_field(texture: PlaneWaves, instrument: Instrument) -> jax.Array:
    """Return the waves of the field along the sensor's axis (uT), shape (1, wave)."""
    field = field_waves(texture, instrument.magnet, instrument.height_nm)
    return (instrument.axis @ field)[None]


CHANNELS: dict[str, Callable[[PlaneWaves, Instrument], jax.Array]] = {
    "net": net,
    "top": top,
    "both": both,
    "stray-field": stray_field,
}


def resolution(wavevectors: jax.Array, instrument: Instrument) -> jax.Array:
    """Return what is left of each wave (wave,) after the point spread and the pixel's extent."""
    blurred = jnp.exp(-0.5 * instrument.point_spread_nm**2 * jnp.sum(wavevectors**2, axis=-1))
    # numpy's sinc is sin(pi x) / (pi x).
    averaged = jnp.sinc(instrument.aperture_nm / (2 * jnp.pi) * wavevectors)
    return blurred * jnp.prod(averaged, axis=-1)


def observe(
    texture: PlaneWaves,
    channel: str,
    instrument: Instrument,
    *,
    x_nm: jax.Array,
    y_nm: jax.Array,
) -> jax.Array:
    """Return the signal of a texture on the pixels, shape (image, y, x).

    Args:
        texture: spins in the frame of the image, so that a pixel's sides lie along x and y.
        channel: one of CHANNELS.
        instrument: resolution and, for the stray field, sensor.
        x_nm: centres of the columns, shape (x,).
        y_nm: centres of the rows, shape (y,).
    """
    waves = CHANNELS[channel](texture, instrument) * resolution(texture.wavevectors, instrument)
    return sample(texture.wavevectors, waves, x_nm, y_nm=y_nm)


class ReadOut(NamedTuple):
    """How a signal becomes the numbers in a file.

    Attributes:
        gain: numbers per unit of the signal.
        offset: number at the origin without a signal.
        slope_per_nm: tilt of the background along x and y, shape (2,).
    """

    gain: jax.Array
    offset: jax.Array
    slope_per_nm: jax.Array


def read_out(signal: jax.Array, scale: ReadOut, x_nm: jax.Array, *, y_nm: jax.Array) -> jax.Array:
    """Return gain x signal on its tilted background, shape (image, y, x)."""
    plane = scale.slope_per_nm[0] * x_nm + scale.slope_per_nm[1] * y_nm[:, None]
    return scale.gain * signal + scale.offset + plane


def white_noise(sequence: np.random.SeedSequence, shape: tuple[int, ...]) -> np.ndarray:
    """Return Gaussian white noise of deviation 1, the same for a seed sequence on every machine."""
    return np.random.Generator(np.random.Philox(sequence)).standard_normal(shape)
