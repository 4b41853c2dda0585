"""From parameters to pixels, and the least-squares equations of a fit.

What an image depends on linearly is eliminated exactly: offset and tilted background by projection,
the gain by its best value for each texture (variable projection). What is left are the nonlinear
parameters, of which a `Setting` says which there are:

    log_twist, log_exchange, anisotropy: ln(theta / deg), ln(J / meV), D in meV.
    rotation, x, y: turn (rad) and place (nm) of the texture's origin in the image.
    azimuth: direction of the in-plane spins (rad); of a stray field only.
    height, point_spread: in nm; where they are known with an error only.

Discrete are the branch and the `Copy`, one of the textures that the symmetries of the bilayer give.

Axes: as in `measurement`; parameter: in the order of `Setting.names`; pixel: image, y, x flattened.
"""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.inference.measurement import Knowledge, Measurement, Textures
from moirespin.probes import waves
from moirespin.probes.instrument import CHANNELS, Instrument, observe, resolution

CORE = ("log_twist", "log_exchange", "anisotropy", "rotation", "x", "y")
# Reaches of the waves in shortest wavevectors, of which a fit takes the least that will do: few,
# so that few programs are compiled.
REACHES = (6, 8, 10, 12, 14, 17, 20)
# Waves that are left out may change chi squared by this.
LEFT_OUT = 0.05


class Setting(NamedTuple):
    """What decides the shape of a fit; images with the same share their compiled programs.

    Attributes:
        channel: what the probe sees.
        names: nonlinear parameters.
        free_gain: whether gain and background are unknown.
        reach: largest wavevector, in units of the shortest.
    """

    channel: str
    names: tuple[str, ...]
    free_gain: bool
    reach: int


class Copy(NamedTuple):
    """Which of the equivalent textures.

    Attributes:
        mirrored: -1 for the opposite handedness (sign of the twist, or rows read downwards).
        swapped: 1 if the layers have changed roles.
        sign: -1 if every spin is reversed.
    """

    mirrored: jax.Array | float
    swapped: jax.Array | float
    sign: jax.Array | float


class Data(NamedTuple):
    """The arrays of a fit.

    Attributes:
        values: pixels less their background, shape (pixel,).
        seen: shape (image, y, x).
        background: orthonormal basis of the background on the pixels, shape (pixel, term).
        x_nm, y_nm: pixel centres.
        instrument: as far as it is known.
        lower, upper: bounds of the parameters, shape (parameter,).
        expected, precision: of a Gaussian known beforehand; precision 0 for none (parameter,).
    """

    values: jax.Array
    seen: jax.Array
    background: jax.Array
    x_nm: jax.Array
    y_nm: jax.Array
    instrument: Instrument
    lower: jax.Array
    upper: jax.Array
    expected: jax.Array
    precision: jax.Array


class Equations(NamedTuple):
    """A fit at one point, linearised.

    Attributes:
        misfit: sum of squares that is left.
        normal: J^T J of the projected derivatives, shape (parameter, parameter).
        slope: J^T r, shape (parameter,).
        gain: best gain.
    """

    misfit: jax.Array
    normal: jax.Array
    slope: jax.Array
    gain: jax.Array


def prepare(measurement: Measurement, known: Knowledge, model: Textures) -> tuple[Setting, Data]:
    """Return what a fit needs to know of an image."""
    x, y = measurement.centres_nm
    names: tuple[str, ...] = CORE
    bounds: list[tuple[float, float]] = [
        _logarithms(known.twist_deg),
        _logarithms(known.exchange_mev),
        known.anisotropy_mev,
        *[(-np.inf, np.inf)] * 3,
    ]
    expected, error = [0.0] * len(CORE), [np.inf] * len(CORE)
    if known.channel == "stray-field":
        names, bounds = (*names, "azimuth"), [*bounds, (-np.inf, np.inf)]
        expected, error = [*expected, 0.0], [*error, np.inf]
    for name, (value, deviation), used in (
        ("height", known.height_nm, known.channel == "stray-field"),
        ("point_spread", known.point_spread_nm, True),
    ):
        if used and deviation > 0:
            names = (*names, name)
            bounds.append((max(0.0, value - 6 * deviation), value + 6 * deviation))
            expected, error = [*expected, value], [*error, deviation]
    axis = np.asarray(known.axis, float)
    instrument = Instrument(
        jnp.asarray(known.point_spread_nm[0]),
        jnp.asarray(known.aperture_nm),
        jnp.asarray(known.height_nm[0]),
        jnp.asarray(axis / np.linalg.norm(axis)),
        model.magnet,
    )
    free = known.units == "arbitrary"
    basis = background_basis(measurement) if free else np.zeros((measurement.images.size, 0))
    values = (measurement.images * measurement.seen).ravel()
    values = values - basis @ (basis.T @ values)
    lower, upper = np.transpose(bounds)
    data = Data(
        jnp.asarray(values),
        jnp.asarray(measurement.seen),
        jnp.asarray(basis),
        jnp.asarray(x),
        jnp.asarray(y),
        instrument,
        jnp.asarray(lower),
        jnp.asarray(upper),
        jnp.asarray(expected),
        jnp.asarray(np.array(error) ** -2.0),
    )
    return Setting(known.channel, names, free, REACHES[-1]), data


def _logarithms(edges: tuple[float, float]) -> tuple[float, float]:
    return math.log(edges[0]), math.log(edges[1])


def background_basis(measurement: Measurement) -> np.ndarray:
    """Return an orthonormal basis of offset and tilt of each image, shape (pixel, term)."""
    x, y = measurement.centres_nm
    plane = np.stack(np.broadcast_arrays(1.0, x, y[:, None]), axis=-1).reshape(-1, 3)
    blocks = [
        np.linalg.qr(plane * seen.reshape(-1, 1))[0] * seen.reshape(-1, 1)
        for seen in measurement.seen
    ]
    basis = np.zeros((len(blocks), plane.shape[0], len(blocks), 3))
    for image, block in enumerate(blocks):
        basis[image, :, image] = block
    return basis.reshape(measurement.images.size, -1)


def moire_basis(log_twist: jax.Array, lattice_constant_nm: float) -> jax.Array:
    """Return the two reciprocal moire vectors of the canonical pose (1/nm), shape (2, 2).

    The period is L = a / (2 sin(theta / 2)); moire vectors lie at 30 and 90 degrees, so that
    reciprocal ones lie at 0 and 120.
    """
    half = jnp.radians(jnp.exp(log_twist)) / 2
    length = 4 * jnp.pi / np.sqrt(3) * 2 * jnp.sin(half) / lattice_constant_nm
    return length * jnp.array([[1.0, 0.0], [-0.5, np.sqrt(0.75)]])


def wave_lengths(index: np.ndarray) -> np.ndarray:
    """Return |G| of indices (wave, 2) in units of the shortest."""
    first, second = index[:, 0], index[:, 1]
    return np.sqrt(first**2 + second**2 - first * second)


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def wave_powers(
    point: jax.Array, copy: Copy, data: Data, *, model: Textures, branch: int, setting: Setting
) -> jax.Array:
    """Return the mean square of each wave that the probe sees, over all images, shape (wave,)."""
    parameters = dict(zip(setting.names, point, strict=True))
    texture = place(parameters, branch, copy, model=model, reach=REACHES[-1])
    seen = CHANNELS[setting.channel](texture, data.instrument)
    return 0.5 * jnp.sum(jnp.abs(seen * resolution(texture.wavevectors, data.instrument)) ** 2, 0)


def needed_reach(powers: np.ndarray, lengths: np.ndarray, allowed: float) -> int:
    """Return the least of REACHES beyond which all waves together are weaker than `allowed`.

    Args:
        powers: mean square of each wave, shape (wave,).
        lengths: |G| of each, in units of the shortest.
        allowed: mean square.
    """
    for reach in REACHES:
        if powers[lengths > reach + 1e-9].sum() < allowed:
            return reach
    return REACHES[-1]


def place(
    parameters: dict, branch: int, copy: Copy, *, model: Textures, reach: int
) -> waves.Texture:
    """Return the texture of `parameters` in the frame of the image."""
    twist, exchange = jnp.exp(parameters["log_twist"]), jnp.exp(parameters["log_exchange"])
    at = twist, exchange, parameters["anisotropy"]
    used = np.flatnonzero(wave_lengths(model.index) <= reach + 1e-9)
    amplitudes = model.amplitudes(branch, at)[..., used]
    amplitudes = jnp.where(copy.swapped == 1, amplitudes[::-1], amplitudes) * copy.sign
    index = jnp.asarray(model.index[used], float)
    wavevectors = index @ moire_basis(parameters["log_twist"], model.lattice_constant_nm)
    # A mirror for the handedness, and one that goes with the change of layers.
    mirrored = copy.mirrored * jnp.where(copy.swapped == 1, -1.0, 1.0)
    wavevectors = wavevectors * jnp.stack([mirrored, jnp.ones_like(mirrored)])
    texture = waves.turn(waves.Texture(wavevectors, amplitudes), parameters["rotation"])
    if "azimuth" in parameters:
        texture = waves.turn_spins(texture, parameters["azimuth"])
    return waves.shift(texture, jnp.stack([parameters["x"], parameters["y"]]))


def signal(
    point: jax.Array, copy: Copy, data: Data, *, model: Textures, branch: int, setting: Setting
) -> jax.Array:
    """Return the signal of a point (parameter,) on the pixels, shape (image, y, x)."""
    parameters = dict(zip(setting.names, point, strict=True))
    texture = place(parameters, branch, copy, model=model, reach=setting.reach)
    instrument = data.instrument
    if "height" in parameters:
        instrument = instrument._replace(height_nm=parameters["height"])
    if "point_spread" in parameters:
        instrument = instrument._replace(point_spread_nm=parameters["point_spread"])
    return observe(texture, setting.channel, instrument, x_nm=data.x_nm, y_nm=data.y_nm)


def project(values: jax.Array, data: Data) -> jax.Array:
    """Return values (..., image, y, x) on the seen pixels less background, shape (..., pixel)."""
    shape = values.shape[: values.ndim - 3]
    flat = (values * data.seen).reshape(*shape, -1)
    return flat - (flat @ data.background) @ data.background.T


def best_gain(seen_signal: jax.Array, data: Data, setting: Setting) -> jax.Array:
    """Return the gain that fits best, 1 where it is known."""
    if not setting.free_gain:
        return jnp.ones(())
    power = seen_signal @ seen_signal
    return seen_signal @ data.values / jnp.where(power > 0, power, 1)


def without_gain(slopes: jax.Array, seen_signal: jax.Array, setting: Setting) -> jax.Array:
    """Return slopes (..., pixel) less what a change of the gain does, if the gain is free."""
    if not setting.free_gain:
        return slopes
    power = seen_signal @ seen_signal
    share = slopes @ seen_signal / jnp.where(power > 0, power, 1)
    return slopes - share[:, None] * seen_signal


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def equations(
    point: jax.Array,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> Equations:
    """Return the least-squares equations at a point (parameter,), with all linear parts eliminated.

    The derivative of the best gain is left out of J, which changes neither the minimum nor J^T J
    there (Kaufman's approximation of the variable projection).
    """

    def seen_signal(point: jax.Array) -> jax.Array:
        return project(signal(point, copy, data, model=model, branch=branch, setting=setting), data)

    value = seen_signal(point)
    slopes = jax.jacfwd(seen_signal)(point).T
    gain = best_gain(value, data, setting)
    rest = data.values - gain * value
    slopes = without_gain(gain * slopes, value, setting)
    return Equations(rest @ rest, slopes @ slopes.T, slopes @ rest, gain)


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def residual(
    point: jax.Array,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> tuple[jax.Array, jax.Array]:
    """Return what is left of the pixels (pixel,) at a point, and the gain."""
    value = project(signal(point, copy, data, model=model, branch=branch, setting=setting), data)
    gain = best_gain(value, data, setting)
    return data.values - gain * value, gain
