"""From parameters to pixels, and the least-squares equations of a fit.

What an image depends on linearly is eliminated exactly: offset and tilted background by projection,
the gain by its best value for each texture (variable projection). What is left are the nonlinear
parameters, of which a `Setting` says which there are:

    log_twist, log_exchange, anisotropy: ln(theta / deg), ln(J / meV), D in meV.
    rotation, x, y: turn (rad) and place (nm) of the texture's origin in the image.
    azimuth: direction of the in-plane spins (rad); of a stray field only.
    height, point_spread: in nm; where they are known with an error only.

Discrete are the branch and the `Copy`, one of the textures that the symmetries of the bilayer give.

Only the way from parameters to waves is compiled (`seen_waves`). Waves become pixels by NumPy, in
products of matrices: images of every shape share the few programs there are.

Axes: as in `measurement`; parameter: in the order of `Setting.names`; pixel: image, y, x flattened.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from moirespin.inference.measurement import Knowledge, Measurement, Textures
from moirespin.inference.seen_waves import (
    CORE,
    REACHES,
    Copy,
    Setting,
    linearise,
    see,
    wave_lengths,
)
from moirespin.probes.instrument import Instrument

# Waves that are left out may change chi squared by this.
LEFT_OUT = 0.05


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

    values: np.ndarray
    seen: np.ndarray
    background: np.ndarray
    x_nm: np.ndarray
    y_nm: np.ndarray
    instrument: Instrument
    lower: np.ndarray
    upper: np.ndarray
    expected: np.ndarray
    precision: np.ndarray


class Equations(NamedTuple):
    """A fit at one point, linearised.

    Attributes:
        misfit: sum of squares that is left.
        normal: J^T J of the projected derivatives, shape (parameter, parameter).
        slope: J^T r, shape (parameter,).
        gain: best gain.
    """

    misfit: float
    normal: np.ndarray
    slope: np.ndarray
    gain: float


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
        values,
        measurement.seen,
        basis,
        x,
        y,
        instrument,
        lower,
        upper,
        np.array(expected),
        np.array(error) ** -2.0,
    )
    return Setting(known.channel, names, free), data


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


def sample(
    wavevectors: np.ndarray, waves: np.ndarray, *, x_nm: np.ndarray, y_nm: np.ndarray
) -> np.ndarray:
    """Return waves on pixels, shape (..., y, x): as `probes.waves.sample`, in NumPy.

    Args:
        wavevectors: G (1/nm), shape (wave, 2).
        waves: complex, shape (..., wave).
        x_nm: centres of the columns, shape (x,).
        y_nm: centres of the rows, shape (y,).
    """
    columns = waves[..., None] * np.exp(1j * wavevectors[:, :1] * x_nm)
    phase = y_nm[:, None] * wavevectors[:, 1]
    rows = np.concatenate([np.cos(phase), -np.sin(phase)], axis=1)
    return rows @ np.concatenate([columns.real, columns.imag], axis=-2)


def project(values: np.ndarray, data: Data) -> np.ndarray:
    """Return values (..., image, y, x) on the seen pixels less background, shape (..., pixel)."""
    shape = values.shape[: values.ndim - 3]
    flat = (values * data.seen).reshape(*shape, -1)
    return flat - (flat @ data.background) @ data.background.T


def best_gain(seen_signal: np.ndarray, data: Data, setting: Setting) -> float:
    """Return the gain that fits best, 1 where it is known."""
    if not setting.free_gain:
        return 1.0
    power = seen_signal @ seen_signal
    return float(seen_signal @ data.values / power) if power > 0 else 0.0


def without_gain(slopes: np.ndarray, seen_signal: np.ndarray, setting: Setting) -> np.ndarray:
    """Return slopes (..., pixel) less what a change of the gain does, if the gain is free."""
    power = seen_signal @ seen_signal
    if not setting.free_gain or power == 0:
        return slopes
    share = slopes @ seen_signal / power
    return slopes - share[:, None] * seen_signal


def signal_and_slopes(
    point: np.ndarray,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
    reach: float = REACHES[-1],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the projected signal at a point (pixel,), and its derivatives (parameter, pixel).

    A change of the angle stretches the image about its centre, and a turn turns it: both follow
    from the image's gradient, and that from the derivatives by the place.
    """
    used = wave_lengths(model.index) <= reach + 1e-9
    found = linearise(point, copy, data.instrument, model=model, branch=branch, setting=setting)
    both = np.concatenate([found.waves[None], found.slopes])[..., used]
    images = sample(found.wavevectors[used], both, x_nm=data.x_nm, y_nm=data.y_nm)
    along_x, along_y = -images[1 + CORE.index("x")], -images[1 + CORE.index("y")]
    x, y = data.x_nm, data.y_nm[:, None]
    half = math.radians(math.exp(point[0])) / 2
    images[1 + CORE.index("log_twist")] += half / math.tan(half) * (x * along_x + y * along_y)
    images[1 + CORE.index("rotation")] += y * along_x - x * along_y
    projected = project(images, data)
    return projected[0], projected[1:]


def equations(
    point: np.ndarray,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
    reach: float = REACHES[-1],
) -> Equations:
    """Return the least-squares equations at a point (parameter,), with all linear parts eliminated.

    The derivative of the best gain is left out of J, which changes neither the minimum nor J^T J
    there (Kaufman's approximation of the variable projection).

    Args:
        point: parameters.
        copy: which of the equivalent textures.
        data: the pixels.
        model: textures.
        branch: index into BRANCHES.
        setting: which parameters there are.
        reach: of the waves that are used, in units of the shortest.
    """
    value, slopes = signal_and_slopes(
        point, copy, data, model=model, branch=branch, setting=setting, reach=reach
    )
    gain = best_gain(value, data, setting)
    rest = data.values - gain * value
    slopes = without_gain(gain * slopes, value, setting)
    return Equations(float(rest @ rest), slopes @ slopes.T, slopes @ rest, gain)


def signals(
    points: np.ndarray,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
    reach: float = REACHES[-1],
) -> Iterator[np.ndarray]:
    """Yield the projected signal (pixel,) of each point (point, parameter)."""
    used = wave_lengths(model.index) <= reach + 1e-9
    seen = see(points, copy, data.instrument, model=model, branch=branch, setting=setting)
    for wavevectors, waves in zip(*seen, strict=True):
        images = sample(wavevectors[used], waves[..., used], x_nm=data.x_nm, y_nm=data.y_nm)
        yield project(images, data)
