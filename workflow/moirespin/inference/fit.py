"""Levenberg and Marquardt's method in a box, on the equations of `forward`.

A library would do the step but not the elimination of gain and background, which decides how well
a fit behaves; what is left are these few lines.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from moirespin.inference.forward import Copy, Data, Equations, Setting, equations
from moirespin.inference.measurement import Textures

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

    point: jax.Array
    equations: Equations
    steps: jax.Array


def penalised(
    found: Equations, point: jax.Array, data: Data, *, variance: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return misfit, normal matrix and slope with what is known beforehand added."""
    weight = variance * data.precision
    away = data.expected - point
    return (
        found.misfit + jnp.sum(weight * away**2),
        found.normal + jnp.diag(weight),
        found.slope + weight * away,
    )


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def descend(
    start: jax.Array,
    copy: Copy,
    data: Data,
    *,
    variance: jax.Array,
    model: Textures,
    branch: int,
    setting: Setting,
) -> Fit:
    """Return the least-squares fit that a start (parameter,) leads to.

    Args:
        start: within the bounds.
        copy: which of the equivalent textures.
        data: the pixels.
        variance: of the noise, roughly; says when a step is too small to matter.
        model: textures.
        branch: index into BRANCHES.
        setting: which parameters there are.
    """

    def evaluate(point: jax.Array) -> Equations:
        return equations(point, copy, data, model=model, branch=branch, setting=setting)

    def unfinished(carry: tuple) -> jax.Array:
        _, _, damping, step, done = carry
        return ~done & (step < MOST_STEPS) & (damping < LARGEST_DAMPING)

    def step(carry: tuple) -> tuple:
        point, found, damping, count, _ = carry
        misfit, normal, slope = penalised(found, point, data, variance=variance)
        # Parameters that sit on a bound and would leave the box stand still.
        held = ((point <= data.lower) & (slope < 0)) | ((point >= data.upper) & (slope > 0))
        free = ~held
        scale = jnp.diag(normal) + 1e-12 * jnp.max(jnp.diag(normal)) + 1e-300
        matrix = normal * jnp.outer(free, free) + jnp.diag(jnp.where(free, damping * scale, 1.0))
        move = jnp.linalg.solve(matrix, slope * free)
        trial = jnp.clip(point + move, data.lower, data.upper)
        new = evaluate(trial)
        new_misfit, _, _ = penalised(new, trial, data, variance=variance)
        better = new_misfit < misfit
        done = jnp.abs(misfit - new_misfit) < ENOUGH * variance
        keep = partial(jnp.where, better)
        return (
            keep(trial, point),
            jax.tree.map(keep, new, found),
            jnp.where(better, damping / 8, damping * 6),
            count + 1,
            done,
        )

    first = (start, evaluate(start), jnp.asarray(FIRST_DAMPING), jnp.int32(0), jnp.asarray(False))
    point, found, _, count, _ = jax.lax.while_loop(unfinished, step, first)
    return Fit(point, found, count)
