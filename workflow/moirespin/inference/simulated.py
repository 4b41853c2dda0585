"""Measurements of relaxed states: any pose, any of the equivalent copies, an instrument, noise.

What an inference is put to the test with must not come from the model that it fits: the spins are
relaxed ones, at their sites, and become an image through their plane waves, which sites of a
commensurate supercell determine exactly.

Axes and units: as in `measurement`.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from moirespin.inference.cell_textures import wave_index
from moirespin.inference.measurement import Measurement, check_measurement
from moirespin.inference.seen_waves import Copy
from moirespin.physics.lattice import Bilayer
from moirespin.probes import waves
from moirespin.probes.instrument import Instrument, ReadOut, observe, read_out, white_noise
from moirespin.probes.stray_field import Sheets
from moirespin.states.sweep import uniforms

# Point spreads shorter than this leave waves that a supercell's sites do not tell apart; they are
# weaker than exp(-6) there, and without texture.
EDGE_PER_NM = 5.0


class Pose(NamedTuple):
    """Where a texture lies in the image, and which of the equivalent ones it is.

    Attributes:
        rotation_rad: turn of the moire lattice.
        place_nm: of the texture's origin, shape (2,).
        azimuth_rad: direction of the in-plane spins.
        copy: handedness, layers, sign.
    """

    rotation_rad: float
    place_nm: tuple[float, float]
    azimuth_rad: float
    copy: Copy


class Camera(NamedTuple):
    """What takes the image.

    Attributes:
        channel: one of `probes.instrument.CHANNELS`.
        window_nm: side of the image.
        pixels: along a side.
        point_spread_nm: standard deviation of the Gaussian point spread.
        height_nm: of the sensor above the top layer.
        axis: direction that the sensor measures.
        snr_db: signal-to-noise ratio, eq. (10): mean square of each image over the noise variance.
        scale: gain, offset and tilt of the background, in units of the signal; None for the signal
            itself.
    """

    channel: str
    window_nm: float
    pixels: int
    point_spread_nm: float
    height_nm: float
    axis: tuple[float, float, float]
    snr_db: float
    scale: ReadOut | None


def draw_pose(sequence: np.random.SeedSequence, period_nm: float) -> Pose:
    """Return a random pose: every turn, place, copy and spin direction is equally likely.

    Args:
        sequence: seed.
        period_nm: moire period; places lie within a square of this side.
    """
    turn, x, y, azimuth, hand, layers, sign = uniforms(sequence, 7)
    copy = Copy(1.0 if hand < 0.5 else -1.0, float(layers < 0.5), 1.0 if sign < 0.5 else -1.0)
    place = ((x - 0.5) * period_nm, (y - 0.5) * period_nm)
    return Pose(2 * np.pi * turn, place, 2 * np.pi * azimuth, copy)


def posed_waves(bilayer: Bilayer, spins: np.ndarray, pose: Pose) -> waves.PlaneWaves:
    """Return a relaxed state as plane waves in the frame of the image.

    Args:
        bilayer: supercell.
        spins: in the canonical pose, shape (site, 3).
        pose: where the texture is to lie.
    """
    basis = 2 * np.pi * np.linalg.inv(bilayer.supercell).T
    reach = EDGE_PER_NM / float(np.linalg.norm(basis[0]))
    index = wave_index(reach)
    layers = zip(bilayer.positions.reshape(2, -1, 2), spins.reshape(2, -1, 3), strict=True)
    amplitudes = np.stack([_waves_of_layer(*layer, basis=basis, index=index) for layer in layers])
    texture = waves.PlaneWaves(jnp.asarray(index @ basis), jnp.asarray(amplitudes))
    if pose.copy.swapped:
        texture = waves.swap_layers(texture)
    if pose.copy.mirrored < 0:
        texture = waves.mirror(texture)
    if pose.copy.sign < 0:
        texture = waves.reverse(texture)
    texture = waves.turn(texture, jnp.asarray(pose.rotation_rad))
    texture = waves.turn_spins(texture, jnp.asarray(pose.azimuth_rad))
    return waves.shift(texture, jnp.asarray(pose.place_nm))


def _waves_of_layer(
    positions: np.ndarray, spins: np.ndarray, *, basis: np.ndarray, index: np.ndarray
) -> np.ndarray:
    """Return the plane waves of a layer's spins, complex, shape (component, wave).

    As `probes.waves.waves_of_sites`, but exp(-i G.r) is a product of a factor for each index, so
    that the sum over sites is a product of matrices: a hundred times faster at small angles.

    Args:
        positions: sites (nm), shape (site, 2).
        spins: shape (site, component).
        basis: reciprocal moire vectors (1/nm), shape (2, 2).
        index: of the waves in these vectors, one of each pair, shape (wave, 2).
    """
    last = np.abs(index).max()
    span = np.arange(-last, last + 1)
    first, second = np.exp(-1j * span[:, None, None] * (positions @ basis.T)).transpose(2, 0, 1)
    table = np.stack([(first * component) @ second.T for component in spins.T])
    share = np.where(np.any(index != 0, axis=1), 2.0, 1.0) / len(positions)
    return table[:, index[:, 0] + last, index[:, 1] + last] * share


def take(
    texture: waves.PlaneWaves, camera: Camera, magnet: Sheets, *, noise: np.random.SeedSequence
) -> tuple[Measurement, np.ndarray]:
    """Return the measurement of a posed texture, and the noise of each image, shape (image,).

    Args:
        texture: from `posed_waves`.
        camera: what takes the image.
        magnet: moments of the layers.
        noise: seed.
    """
    pixel = camera.window_nm / camera.pixels
    centres = (np.arange(camera.pixels) - (camera.pixels - 1) / 2) * pixel
    axis = np.asarray(camera.axis, float)
    instrument = Instrument(
        jnp.asarray(camera.point_spread_nm),
        jnp.asarray(0.0),
        jnp.asarray(camera.height_nm),
        jnp.asarray(axis / np.linalg.norm(axis)),
        magnet,
    )
    x = jnp.asarray(centres)
    signal = np.asarray(observe(texture, camera.channel, instrument, x_nm=x, y_nm=x))
    deviation = np.sqrt(np.mean(signal**2, axis=(1, 2)) * 10 ** (-camera.snr_db / 10))
    # One noise for both layers: they are read by one instrument.
    deviation = np.full(len(signal), np.sqrt(np.mean(deviation**2)))
    image = signal + deviation[:, None, None] * white_noise(noise, signal.shape)
    if camera.scale is not None:
        image = np.asarray(read_out(jnp.asarray(image), camera.scale, x, y_nm=x))
        deviation = deviation * abs(float(camera.scale.gain))
    return check_measurement(image, pixel, camera.channel), deviation
