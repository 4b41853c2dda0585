"""Levenberg and Marquardt's method in a box, on the equations of `forward`.

A library would do the step but not the elimination of gain and background, which decides how well
a fit behaves; what is left are these few lines.
"""

from typing import Any, NamedTuple

import numpy as np

from moirespin.inference.forward import Data, Equations, equations
from moirespin.inference.measurement import Textures
from moirespin.inference.seen_waves import Copy, Setting

MOST_STEPS = 40
FIRST_DAMPING = 1e-3
LARGEST_DAMPING = 1e8
# A fit has converged when a step lowers the misfit by less than this share of the noise variance,
# which moves no parameter by more than a hundredth of its error bar.
ENOUGH = 1e-4


class Fit(NamedTuple):
    """Where a fit ended.

    Attributes:
        point: shape (parameter,).
        equations: at the point.
        steps: how many were tried.
    """

    point: np.ndarray
    equations: Equations
    steps: int


def penalised(
    found: Equations, point: np.ndarray, data: Data, *, variance: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return misfit, normal matrix and slope with what is known beforehand added."""
    weight = variance * data.precision
    away = data.expected - point
    return (
        float(found.misfit + np.sum(weight * away**2)),
        found.normal + np.diag(weight),
        found.slope + weight * away,
    )


def exists(point: np.ndarray, model: Textures, branch: int) -> bool:
    """Return whether the branch is a state of the bilayer at a point (parameter,)."""
    energies = model.energies((np.exp(point[0]), np.exp(point[1]), point[2]))
    return bool(np.isfinite(np.asarray(energies)[branch]))


def descend(
    start: np.ndarray,
    copy: Copy,
    data: Data,
    *,
    variance: float,
    model: Textures,
    branch: int,
    setting: Setting,
    reach: float,
) -> Fit:
    """Return the least-squares fit that a start (parameter,) leads to.

    Once in the range where the branch is a state of the bilayer, it stays there. The order of the
    domains ends like a root: a step across the end would find textures beyond it that hardly change
    any more, and no way back.

    Args:
        start: within the bounds.
        copy: which of the equivalent textures.
        data: the pixels.
        variance: of the noise, roughly; says when a step is too small to matter.
        model: textures.
        branch: index into BRANCHES.
        setting: which parameters there are.
        reach: of the waves that are used.
    """
    call: dict[str, Any] = {"model": model, "branch": branch, "setting": setting, "reach": reach}
    point = np.asarray(start, float)
    found = equations(point, copy, data, **call)
    inside = exists(point, model, branch)
    damping, steps = FIRST_DAMPING, 0
    while steps < MOST_STEPS and damping < LARGEST_DAMPING:
        misfit, normal, slope = penalised(found, point, data, variance=variance)
        # Parameters that sit on a bound and would leave the box stand still.
        held = ((point <= data.lower) & (slope < 0)) | ((point >= data.upper) & (slope > 0))
        free = ~held
        scale = np.diag(normal) + 1e-12 * np.diag(normal).max() + 1e-300
        matrix = normal * np.outer(free, free) + np.diag(np.where(free, damping * scale, 1.0))
        trial = np.clip(point + np.linalg.solve(matrix, slope * free), data.lower, data.upper)
        steps += 1
        if inside and not exists(trial, model, branch):
            damping *= 6
            continue
        new = equations(trial, copy, data, **call)
        gained = misfit - penalised(new, trial, data, variance=variance)[0]
        if gained > 0:
            inside = inside or exists(trial, model, branch)
            point, found, damping = trial, new, damping / 8
        else:
            damping *= 6
        if abs(gained) < ENOUGH * variance:
            break
    return Fit(point, found, steps)
