"""Whether an image is one that the model can make.

Two questions are asked of what a fit leaves. Would another periodic texture fit better? The image's
own waves on the moire lattice, free of any model, take up more of the residual than noise allows if
so: an F test. And is the rest white? Neighbouring pixels of white noise do not correlate. What the
texture model is known to err by counts as noise in the first test.

Axes: as in `forward`; wave: cosine and sine of each free wave.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from moirespin.inference.forward import (
    Copy,
    Data,
    Setting,
    moire_basis,
    project,
    signal,
    wave_lengths,
)
from moirespin.inference.measurement import Measurement, Textures
from moirespin.inference.model_error import error_forces, examples_at
from moirespin.inference.modes import Mode, freedom

# Largest free wave, in units of the shortest.
REACH = 6
# Combinations of waves that the image holds less of than this share are no test.
LEAST_SHARE = 1e-3


class Goodness(NamedTuple):
    """How well a mode explains an image.

    Attributes:
        p_value: probability of a fit as bad as this if the model holds; the least of the tests'
            times their number.
        periodic: p-value against any other periodic texture.
        white: p-value of the correlation of neighbouring pixels.
        residual: what the fit leaves, shape (image, y, x).
    """

    p_value: float
    periodic: float
    white: float
    residual: np.ndarray


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def _linearised(
    point: jax.Array,
    copy: Copy,
    data: Data,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> tuple[jax.Array, jax.Array]:
    """Return the projected signal (pixel,) and its derivatives (parameter, pixel)."""

    def seen_signal(point: jax.Array) -> jax.Array:
        return project(signal(point, copy, data, model=model, branch=branch, setting=setting), data)

    return seen_signal(point), jax.jacfwd(seen_signal)(point).T


def judge(mode: Mode, measurement: Measurement, data: Data, *, model: Textures) -> Goodness:
    """Return how well a mode explains its image."""
    call = {"model": model, "branch": mode.branch, "setting": mode.setting}
    point = jnp.asarray(mode.point)
    value, slopes = (np.asarray(x) for x in _linearised(point, mode.copy, data, **call))
    rest = np.asarray(data.values) - mode.gain * value
    taken = np.concatenate([slopes, value[None]]) if mode.setting.free_gain else slopes
    taken = np.linalg.svd(taken, full_matrices=False)[2]

    waves = np.asarray(project(jnp.asarray(free_waves(mode, measurement, model)), data))
    waves = waves - (waves @ taken.T) @ taken
    size, basis = np.linalg.eigh(waves @ waves.T)
    kept = size > LEAST_SHARE * size.max()
    ortho = (basis[:, kept] / np.sqrt(size[kept])).T
    amplitudes = ortho @ (waves @ rest)
    left = rest - ortho.T @ amplitudes @ waves
    count = len(amplitudes)
    spare = freedom(data, mode.setting) - len(mode.point) - count
    variance = left @ left / spare

    _, changes = error_forces(
        point, mode.copy, data, examples=jnp.asarray(examples_at(mode, model)), **call
    )
    errors = ortho @ (waves @ np.asarray(changes).T)
    covariance = variance * np.eye(count) + errors @ errors.T / errors.shape[1]
    periodic = stats.f.sf(
        amplitudes @ np.linalg.solve(covariance, amplitudes) / count, count, spare
    )
    white = _whiteness(left.reshape(data.seen.shape), measurement.seen)
    p_value = min(1.0, 2 * min(periodic, white))
    residual = rest.reshape(data.seen.shape)
    return Goodness(float(p_value), float(periodic), float(white), residual)


def free_waves(mode: Mode, measurement: Measurement, model: Textures) -> np.ndarray:
    """Return cosine and sine of the lattice's waves, shape (image * wave, image, y, x)."""
    lengths = wave_lengths(model.index)
    index = model.index[(lengths > 0) & (lengths <= REACH + 1e-9)]
    cosine, sine = np.cos(mode.point[3]), np.sin(mode.point[3])
    basis = np.asarray(moire_basis(mode.point[0], model.lattice_constant_nm))
    wavevectors = index @ basis @ np.array([[cosine, sine], [-sine, cosine]])
    resolved = np.abs(wavevectors).max(axis=1) * measurement.pixel_nm < np.pi
    x, y = measurement.centres_nm
    phase = wavevectors[resolved, :1, None] * x + (wavevectors[resolved, 1:] * y)[..., None]
    both = np.concatenate([np.cos(phase), np.sin(phase)])
    images = len(measurement.images)
    spread = np.zeros((images, len(both), images, *both.shape[1:]))
    for image in range(images):
        spread[image, :, image] = both
    return spread.reshape(images * len(both), images, *both.shape[1:])


def _whiteness(residual: np.ndarray, seen: np.ndarray) -> float:
    """Return the p-value of the correlation of pixels with their right and upper neighbours."""
    total, pairs = 0.0, 0.0
    for axis in (1, 2):
        cut = residual.shape[axis] - 1
        one, two = (np.take(residual, range(k, k + cut), axis) for k in (0, 1))
        known = np.take(seen, range(cut), axis) * np.take(seen, range(1, cut + 1), axis)
        total += np.sum(one * two * known)
        pairs += known.sum()
    variance = np.sum(residual**2) / seen.sum()
    return float(2 * stats.norm.sf(abs(total) / (variance * np.sqrt(pairs))))
