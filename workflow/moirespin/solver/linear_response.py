"""Response of a relaxed texture to the Hamiltonian's parameters, by implicit differentiation.

A relaxed texture is a stationary state: its tangent gradient g(S; J, D) = -P h vanishes, with h the
effective field and P the projection on the tangent planes of the spins. While J or D change it
stays stationary, so that H dS/dp = P dh/dp. For E = -1/2 S.A.S the Hessian on the tangent space is

    H v = -P A v + (S.h) v ,

where the second term is the curvature of the spheres. It is applied without a matrix: A v is the
effective field of v. Derived for this project; checked against finite differences.

E does not change when all spins turn about z, so that z x S is a zero mode of a texture with
in-plane components. P dh/dp is orthogonal to it, and the response is the one without such a turn.
A texture in the xz plane, given by two components, has no such mode.

Axes, units: as in `hamiltonian`, lanes last; spins may have two or three components. `tangent`
has 1 component in the plane and 3 in general, as in `relaxation`.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from moirespin.physics.hamiltonian import (
    Couplings,
    Parameters,
    dot,
    effective_field,
    neighbour_sum,
    overlap,
)
from moirespin.solver.relaxation import GEOMETRIES, Solver, displacement, precondition

# So many steps take a texture from the tolerance of the relaxation to rounding: an early step
# squares the error, a later one multiplies it by the residual to which its linear system is solved.
NEWTON_STEPS = 5
NEWTON_RESIDUAL = 1e-3
RESPONSE_RESIDUAL = 1e-10
MOST_ITERATIONS = 2000
ROUNDING = 4.0


# Answer, rest, direction, product, positive and count of the conjugate gradients.
Carry = tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]


class Response(NamedTuple):
    """What a texture is and how it answers to J and D.

    Attributes:
        spins: texture polished by `polish`, shape (component, site, ...).
        by_intralayer, by_anisotropy: dS/dJ and dS/dD (1/meV), shape (component, site, ...).
        largest_torque_mev: largest |S x h| of the polished texture, shape (...).
        residual: largest relative residual of the two linear systems, shape (...); NaN where the
            Hessian is not positive on the way, as away from a minimum.
    """

    spins: jax.Array
    by_intralayer: jax.Array
    by_anisotropy: jax.Array
    largest_torque_mev: jax.Array
    residual: jax.Array


def _without_turn(spins: jax.Array, tangent: jax.Array) -> jax.Array:
    """Return a tangent (tangent, site, ...) less its part along a common turn about z."""
    if len(spins) == 2:
        return tangent
    turn = jnp.stack([-spins[1], spins[0], jnp.zeros_like(spins[2])])
    # A texture along z has no such turn: 0 / tiny instead of 0 / 0.
    share = overlap(turn, tangent) / (overlap(turn, turn) + jnp.finfo(spins.dtype).tiny)
    return tangent - share * turn


@jax.jit
def gradient(spins: jax.Array, couplings: Couplings, parameters: Parameters) -> jax.Array:
    """Return the tangent gradient of the energy (meV), shape (tangent, site, ...)."""
    return -GEOMETRIES[spins.shape[0]].project(spins, effective_field(spins, couplings, parameters))


def apply_hessian(
    spins: jax.Array,
    along: jax.Array,
    tangent: jax.Array,
    *,
    couplings: Couplings,
    parameters: Parameters,
) -> jax.Array:
    """Return the Hessian of the energy on the tangent space times a tangent, in meV.

    Args:
        spins: unit vectors, shape (component, site, ...).
        along: S.h, the field of the texture along its spins, shape (site, ...).
        tangent: shape (tangent, site, ...).
        couplings: bonds.
        parameters: J and D, each of shape (...).
    """
    geometry = GEOMETRIES[spins.shape[0]]
    answer = effective_field(geometry.embed(spins, tangent), couplings, parameters)
    return along * tangent - geometry.project(spins, answer)


@partial(jax.jit, static_argnames="solver")
def solve(
    spins: jax.Array,
    force: jax.Array,
    couplings: Couplings,
    *,
    parameters: Parameters,
    solver: Solver,
    residual: float,
) -> tuple[jax.Array, jax.Array]:
    """Return x with H x = force, and the relative residual of each lane.

    Preconditioned conjugate gradients, all lanes at once; a lane that has converged stands still.
    Written by hand because `jax.scipy.sparse.linalg.cg` has one stopping rule for all lanes and
    does not see a curvature that is not positive.
    The residual of a lane whose Hessian shows a curvature that is not positive is NaN.

    Args:
        spins: stationary texture, shape (component, site, ...).
        force: right-hand side (meV), shape (tangent, site, ...).
        couplings: bonds.
        parameters: J and D, each of shape (...).
        solver: settings of the relaxation; the preconditioner is its.
        residual: a lane has converged when |H x - force| / |force| is below this.
    """
    geometry = GEOMETRIES[spins.shape[0]]
    field = effective_field(spins, couplings, parameters)
    along = dot(spins, field)
    force = _without_turn(spins, geometry.cleanse(spins, force))
    size = overlap(force, force)
    # A force that is rounding alone cannot be answered, and need not be.
    rounding = (ROUNDING * jnp.finfo(field.dtype).eps) ** 2 * overlap(field, field)
    enough = jnp.maximum(residual**2 * size, rounding)

    def improve(values: jax.Array) -> jax.Array:
        smooth = jnp.stack([precondition(x, couplings, parameters, solver=solver) for x in values])
        return _without_turn(spins, geometry.cleanse(spins, smooth))

    def running(rest: jax.Array, positive: jax.Array) -> jax.Array:
        return positive & (overlap(rest, rest) > enough)

    def unfinished(carry: Carry) -> jax.Array:
        _, rest, _, _, positive, count = carry
        return jnp.any(running(rest, positive)) & (count < MOST_ITERATIONS)

    def step(carry: Carry) -> Carry:
        answer, rest, direction, product, positive, count = carry
        curved = apply_hessian(spins, along, direction, couplings=couplings, parameters=parameters)
        curvature = overlap(direction, curved)
        needed = running(rest, positive)
        positive = positive & ((curvature > 0) | ~needed)
        move = needed & positive
        length = jnp.where(move, product / jnp.where(move, curvature, 1), 0)
        answer, rest = answer + length * direction, rest - length * curved
        better = improve(rest)
        new = overlap(rest, better)
        ratio = jnp.where(move, new / jnp.where(move, product, 1), 0)
        direction = jnp.where(move, better + ratio * direction, direction)
        return answer, rest, direction, jnp.where(move, new, product), positive, count + 1

    first = improve(force)
    start = (
        jnp.zeros_like(force),
        force,
        first,
        overlap(force, first),
        jnp.isfinite(size),
        jnp.int32(0),
    )
    answer, rest, _, _, positive, _ = jax.lax.while_loop(unfinished, step, start)
    reached = jnp.sqrt(overlap(rest, rest) / jnp.where(size > 0, size, 1))
    return answer, jnp.where(positive, reached, jnp.nan)


@jax.jit
def _turn(spins: jax.Array, move: jax.Array, largest_rad: float) -> jax.Array:
    """Return spins moved against `move`, none by more than `largest_rad`."""
    largest = jnp.sqrt(jnp.max(dot(move, move), axis=0))
    move = -move * jnp.minimum(1, largest_rad / (largest + 1e-30))
    new = spins + displacement(spins, GEOMETRIES[spins.shape[0]].embed(spins, move))
    return new / jnp.sqrt(dot(new, new))


@jax.jit
def _forces(spins: jax.Array, couplings: Couplings) -> tuple[jax.Array, jax.Array]:
    """Return dh/dJ and dh/dD on the tangent space, each (tangent, site, ...)."""
    project = GEOMETRIES[spins.shape[0]].project
    by_intralayer = jnp.stack([neighbour_sum(values, couplings) for values in spins])
    by_anisotropy = jnp.zeros_like(spins).at[-1].set(2 * spins[-1])
    return project(spins, by_intralayer), project(spins, by_anisotropy)


def polish(
    spins: jax.Array, couplings: Couplings, parameters: Parameters, *, solver: Solver
) -> jax.Array:
    """Return a relaxed texture with its torques brought from the tolerance down to rounding.

    Newton's method with the same Hessian, in the precision of `spins`; no spin turns by more than
    `solver.max_rotation_rad` in a step. Arguments as in `solve`.
    """
    # A plain loop: compiled as a whole, it would compile `solve` once more.
    for _ in range(NEWTON_STEPS):
        force = gradient(spins, couplings, parameters)
        move, _ = solve(
            spins, force, couplings, parameters=parameters, solver=solver, residual=NEWTON_RESIDUAL
        )
        spins = _turn(spins, move, solver.max_rotation_rad)
    return spins


def respond(
    spins: jax.Array, couplings: Couplings, parameters: Parameters, *, solver: Solver
) -> Response:
    """Return how relaxed textures answer to J and D.

    Args:
        spins: relaxed textures, shape (component, site, ...), float64 for use.
        couplings: bonds.
        parameters: J and D (meV), each of shape (...).
        solver: settings of the relaxation; the preconditioner is its.
    """
    spins = polish(spins, couplings, parameters, solver=solver)
    torque = gradient(spins, couplings, parameters)
    solved = [
        solve(
            spins,
            force,
            couplings,
            parameters=parameters,
            solver=solver,
            residual=RESPONSE_RESIDUAL,
        )
        for force in _forces(spins, couplings)
    ]
    embed = GEOMETRIES[spins.shape[0]].embed
    by_intralayer, by_anisotropy = (embed(spins, answer) for answer, _ in solved)
    largest = jnp.sqrt(jnp.max(dot(torque, torque), axis=0))
    # The maximum keeps a NaN.
    residual = jnp.maximum(*(residual for _, residual in solved))
    return Response(
        spins=spins,
        by_intralayer=by_intralayer,
        by_anisotropy=by_anisotropy,
        largest_torque_mev=largest,
        residual=residual,
    )
