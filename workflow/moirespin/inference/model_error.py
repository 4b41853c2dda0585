"""What the texture model's own error does to a fit.

The error of a drawn texture is the same in every cell of an image, so that no number of pixels
averages it out. Textures that the model was not trained on tell how it errs: each such error e
moves a fit by -H^-1 J^T e, and the scatter of these moves belongs to the error bars.

Axes and units: as in `forward`; example: errors of textures nearby.
"""

from typing import Any

import numpy as np

from moirespin.inference.forward import Data, project, sample, signal_and_slopes, without_gain
from moirespin.inference.measurement import Textures
from moirespin.inference.modes import Mode
from moirespin.inference.seen_waves import see, see_errors, wave_lengths

# Errors of a texture whose gain is unknown count up to this share of it. Next to the ferromagnet
# the texture vanishes, but errors of its neighbours, which are further off, do not: an unlimited
# gain would make as much of them as one likes.
LARGEST_SHARE = 0.1


def model_moves(mode: Mode, data: Data, model: Textures, *, normal: np.ndarray) -> np.ndarray:
    """Return how far errors of the texture model move the fit, shape (example, parameter).

    Args:
        mode: a maximum of the likelihood.
        data: the pixels.
        model: textures, with examples of their errors.
        normal: normal matrix of the fit.
    """
    return -error_forces(mode, data, model)[0] @ np.linalg.pinv(normal, hermitian=True)


def examples_at(mode: Mode, model: Textures) -> np.ndarray:
    """Return examples of the model's errors near a mode, (example, layer, component, wave)."""
    at = np.exp(mode.point[0]), np.exp(mode.point[1]), mode.point[2]
    return np.asarray(model.misfit(mode.branch, at))


def error_forces(mode: Mode, data: Data, model: Textures) -> tuple[np.ndarray, np.ndarray]:
    """Return J^T e of errors e of the model near a mode, and e on the pixels.

    Returns:
        Shapes (example, parameter) and (example, pixel); gain and background are eliminated, and
        errors limited to LARGEST_SHARE where the gain is unknown.
    """
    call: dict[str, Any] = {"model": model, "setting": mode.setting}
    at: tuple = (mode.point, mode.copy, data)
    value, slopes = signal_and_slopes(*at, branch=mode.branch, reach=mode.reach, **call)
    seen = see_errors(
        examples_at(mode, model), mode.point, mode.copy, instrument=data.instrument, **call
    )
    vectors, _ = see(mode.point[None], mode.copy, data.instrument, branch=mode.branch, **call)
    used = wave_lengths(model.index) <= mode.reach + 1e-9
    images = sample(vectors[0][used], np.asarray(seen)[..., used], x_nm=data.x_nm, y_nm=data.y_nm)
    changes = without_gain(mode.gain * project(images, data), value, mode.setting)
    if mode.setting.free_gain:
        most = LARGEST_SHARE * abs(mode.gain) * np.linalg.norm(value)
        size = np.linalg.norm(changes, axis=1, keepdims=True)
        changes = changes * np.minimum(1.0, most / np.maximum(size, 1e-300))
    return changes @ (mode.gain * slopes).T, changes
