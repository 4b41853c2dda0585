"""What the texture model's own error does to a fit.

The error of a drawn texture is the same in every cell of an image, so that no number of pixels
averages it out. Textures that the model was not trained on tell how it errs: each such error e
moves a fit by -H^-1 J^T e, and the scatter of these moves belongs to the error bars.

Axes and units: as in `forward`; example: errors of textures nearby.
"""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.inference.forward import (
    Copy,
    Data,
    Setting,
    best_gain,
    project,
    signal,
    without_gain,
)
from moirespin.inference.measurement import Textures
from moirespin.inference.modes import Mode


def model_moves(mode: Mode, data: Data, model: Textures, *, normal: np.ndarray) -> np.ndarray:
    """Return how far errors of the texture model move the fit, shape (example, parameter).

    Args:
        mode: a maximum of the likelihood.
        data: the pixels.
        model: textures, with examples of their errors.
        normal: normal matrix of the fit.
    """
    call = {"model": model, "branch": mode.branch, "setting": mode.setting}
    examples = jnp.asarray(examples_at(mode, model))
    forces, _ = error_forces(jnp.asarray(mode.point), mode.copy, data, examples=examples, **call)
    return -np.asarray(forces) @ np.linalg.pinv(normal, hermitian=True)


def examples_at(mode: Mode, model: Textures) -> np.ndarray:
    """Return examples of the model's errors near a mode, (example, layer, component, wave)."""
    at = np.exp(mode.point[0]), np.exp(mode.point[1]), mode.point[2]
    return np.asarray(model.misfit(mode.branch, at))


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def error_forces(
    point: jax.Array,
    copy: Copy,
    data: Data,
    *,
    examples: jax.Array,
    model: Textures,
    branch: int,
    setting: Setting,
) -> tuple[jax.Array, jax.Array]:
    """Return J^T e of errors e (example, layer, component, wave), and e on the pixels.

    Returns:
        Shapes (example, parameter) and (example, pixel); gain and background are eliminated.
    """

    def seen_signal(point: jax.Array, flawed: Textures) -> jax.Array:
        return project(
            signal(point, copy, data, model=flawed, branch=branch, setting=setting), data
        )

    clean, pull = jax.vjp(lambda point: seen_signal(point, model), point)
    gain = best_gain(clean, data, setting)

    def force(error: jax.Array) -> tuple[jax.Array, jax.Array]:
        flawed = replace(model, amplitudes=lambda *own: model.amplitudes(*own) + error)
        change = gain * (seen_signal(point, flawed) - clean)
        change = without_gain(change[None], clean, setting)[0]
        return gain * pull(change)[0], change

    return jax.lax.map(force, examples)
