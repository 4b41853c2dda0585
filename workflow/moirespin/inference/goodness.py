"""Whether an image is one that the model can make.

Two questions are asked of what a fit leaves. Would another periodic texture fit better? The image's
own waves on the moire lattice, free of any model, take up more of the residual than noise allows if
so: F tests, with few waves and with many. And is the rest white? Neighbouring pixels of white noise
do not correlate. What the texture model is known to err by counts as noise in the first tests.

Axes: as in `forward`; wave: cosine and sine of each free wave.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from moirespin.inference.forward import Data, project, signal_and_slopes
from moirespin.inference.measurement import Measurement, Textures
from moirespin.inference.model_error import error_forces
from moirespin.inference.modes import Mode, freedom
from moirespin.inference.seen_waves import moire_basis, wave_lengths

# Largest free wave of each test, in units of the shortest. Another texture differs most in the long
# waves, and few waves gather little noise; missing detail is in the short ones.
TESTED_REACHES = (2, 4, 6)
# Combinations of waves that the image holds less of than this share are no test.
LEAST_SHARE = 1e-3


class Goodness(NamedTuple):
    """How well a mode explains an image.

    Attributes:
        p_value: probability of a fit as bad as this if the model holds; the least of the tests'
            times their number.
        periodic: p-value against any other periodic texture, the least times the number of tests.
        white: p-value of the correlation of neighbouring pixels.
        residual: what the fit leaves, shape (image, y, x).
    """

    p_value: float
    periodic: float
    white: float
    residual: np.ndarray


def judge(mode: Mode, measurement: Measurement, data: Data, *, model: Textures) -> Goodness:
    """Return how well a mode explains its image."""
    value, slopes = signal_and_slopes(
        mode.point,
        mode.copy,
        data,
        model=model,
        branch=mode.branch,
        setting=mode.setting,
        reach=mode.reach,
    )
    rest = data.values - mode.gain * value
    taken = np.concatenate([slopes, value[None]]) if mode.setting.free_gain else slopes
    taken = np.linalg.svd(taken, full_matrices=False)[2]

    _, changes = error_forces(mode, data, model)
    spare = freedom(data, mode.setting) - len(mode.point)
    tests = []
    for reach in TESTED_REACHES:
        waves = project(free_waves(mode, measurement, model, reach=reach), data)
        waves = waves - (waves @ taken.T) @ taken
        size, basis = np.linalg.eigh(waves @ waves.T)
        kept = size > LEAST_SHARE * size.max()
        ortho = (basis[:, kept] / np.sqrt(size[kept])).T
        amplitudes, errors = ortho @ (waves @ rest), ortho @ (waves @ changes.T)
        left = rest - ortho.T @ amplitudes @ waves
        count = len(amplitudes)
        variance = left @ left / (spare - count)
        covariance = variance * np.eye(count) + errors @ errors.T / errors.shape[1]
        ratio = amplitudes @ np.linalg.solve(covariance, amplitudes) / count
        tests.append(stats.f.sf(ratio, count, spare - count))
    periodic = min(1.0, len(tests) * min(tests))
    removed = np.concatenate([ortho @ waves, taken, data.background.T])
    white = _whiteness(left, removed, measurement.seen)
    p_value = min(1.0, 2 * min(periodic, white))
    residual = rest.reshape(data.seen.shape)
    return Goodness(float(p_value), float(periodic), float(white), residual)


def free_waves(
    mode: Mode, measurement: Measurement, model: Textures, *, reach: float
) -> np.ndarray:
    """Return cosine and sine of the lattice's waves, shape (image * wave, image, y, x)."""
    lengths = wave_lengths(model.index)
    index = model.index[(lengths > 0) & (lengths <= reach + 1e-9)]
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


def _whiteness(left: np.ndarray, removed: np.ndarray, seen: np.ndarray) -> float:
    """Return the p-value of the correlation of pixels with their right and upper neighbours.

    What was removed from white noise leaves a correlation of the opposite sign, which is known.

    Args:
        left: pixels that are left, shape (pixel,).
        removed: orthonormal vectors that were taken out, shape (vector, pixel).
        seen: shape (image, y, x).
    """
    variance = left @ left / (seen.sum() - len(removed))
    expected = -sum(_neighbours(vector, seen)[0] for vector in removed)
    total, pairs = _neighbours(left, seen)
    return float(2 * stats.norm.sf(abs(total / variance - expected) / np.sqrt(pairs)))


def _neighbours(values: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Return the sum of products of neighbouring pixels (pixel,), and the number of pairs."""
    image, total, pairs = values.reshape(seen.shape), 0.0, 0.0
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:, :, :-1], np.s_[:, :, 1:]),
    ):
        known = seen[here] * seen[there]
        total += float(np.sum(image[here] * image[there] * known))
        pairs += float(known.sum())
    return total, pairs
