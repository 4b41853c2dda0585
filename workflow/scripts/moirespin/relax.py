"""Relaxation of one spin texture to the nearest minimum of eq. (1).

Limited-memory BFGS on a product of spheres, preconditioned with the intralayer stiffness. Two
geometries share it: a texture whose spins all lie in the xz plane moves by one angle per site and
stays in that plane exactly; a general texture moves in the tangent planes of its spins.

Each iteration costs one evaluation of the field: a step that raises the energy is taken back and
shortened, and the lane tries again in the next iteration, so that lanes of a batch stay in step.
Failure is data: a lane that runs out of steps, stalls or meets a NaN says so in `status`.

Axes, units: as in `hamiltonian`. `tangent` stands for (site,) in the coplanar geometry and
(3, site) in the general one.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from moirespin.hamiltonian import (
    Couplings,
    Parameters,
    effective_field,
    energy_change,
    neighbour_sum,
)

RUNNING, CONVERGED, OUT_OF_STEPS, STALLED, NOT_FINITE = range(5)
STATUS_MEANINGS = ("running", "converged", "out_of_steps", "stalled", "not_finite")

SUFFICIENT_DECREASE = 1e-4
SHORTEN = 0.25
SHORTEST = 1e-6


class Solver(NamedTuple):
    """Settings of the relaxation that can change a result.

    Attributes:
        torque_tolerance_mev: a texture counts as relaxed when no spin feels a larger torque.
        max_steps: field evaluations allowed per start.
        max_rotation_rad: largest rotation of a spin in one step; long smooth steps can sweep a
            domain wall out of its minimum.
        memory: pairs of steps that L-BFGS keeps.
        preconditioner_shift_mev: stiffness added to 2 D in the preconditioner.
        preconditioner_degree: degree of the polynomial that stands for its inverse.
    """

    torque_tolerance_mev: float
    max_steps: int
    max_rotation_rad: float
    memory: int
    preconditioner_shift_mev: float
    preconditioner_degree: int


class Geometry(NamedTuple):
    """How spins of a given number of components move.

    Attributes:
        project: (spins, vectors) -> tangent part of a vector at each spin.
        embed: (spins, tangent) -> vectors of (component, site).
        transport: (new spins, tangent) -> the tangent carried to where the spins now are.
    """

    project: Callable
    embed: Callable
    transport: Callable


def _perpendicular(spins):
    return jnp.stack([spins[1], -spins[0]])


def _tangent_part(spins, vectors):
    return vectors - jnp.sum(spins * vectors, axis=0) * spins


COPLANAR = Geometry(
    project=lambda spins, vectors: jnp.sum(_perpendicular(spins) * vectors, axis=0),
    embed=lambda spins, angles: angles * _perpendicular(spins),
    transport=lambda spins, angles: angles,
)
GENERAL = Geometry(
    project=_tangent_part,
    embed=lambda spins, tangent: tangent,
    transport=_tangent_part,
)
GEOMETRIES = {2: COPLANAR, 3: GENERAL}


class Descent(NamedTuple):
    """State of one relaxation.

    Attributes:
        spins, field: texture and its field, shape (component, site).
        gradient: tangent gradient of the energy (meV).
        move: tangent step (rad) from `spins` to `trial`.
        trial: texture whose energy is looked at next, shape (component, site).
        scale: fraction of the full step that `move` is.
        moves, changes: past steps and gradient changes in a ring, shape (memory, tangent); a slot
            without a pair holds zeros.
        overlaps: move . change of each slot, 0 where it holds none, shape (memory,).
        steps: field evaluations so far.
        largest_torque: largest |S x h| (meV).
        status: one of RUNNING, CONVERGED, OUT_OF_STEPS, STALLED, NOT_FINITE.
    """

    spins: jax.Array
    field: jax.Array
    gradient: jax.Array
    move: jax.Array
    trial: jax.Array
    scale: jax.Array
    moves: jax.Array
    changes: jax.Array
    overlaps: jax.Array
    steps: jax.Array
    largest_torque: jax.Array
    status: jax.Array


def rotate(spins: jax.Array, step: jax.Array) -> jax.Array:
    """Return spins turned by `step` (component, site), a tangent vector at each spin.

    The Cayley form keeps |S| = 1 without a square root and turns by 2 atan(|step| / 2).
    """
    quarter = 0.25 * jnp.sum(step * step, axis=0)
    return ((1 - quarter) * spins + step) / (1 + quarter)


def precondition(values, couplings: Couplings, parameters: Parameters, solver: Solver):
    """Return a polynomial approximation of (J Lap + 2 D + shift)^-1 applied to `values` (site,).

    Lap is the honeycomb Laplacian of a layer, with eigenvalues from 0 to 6. The Chebyshev
    semi-iteration is a fixed polynomial, positive on that interval: a valid preconditioner at the
    cost of a few sums over neighbours. Source: Saad, Iterative Methods, alg. 12.1.
    """
    lowest = 2 * jnp.abs(parameters.anisotropy) + solver.preconditioner_shift_mev
    centre = lowest + 3 * parameters.exchange
    ratio = 3 * parameters.exchange / centre

    def apply(x):
        return centre * x - parameters.exchange * neighbour_sum(x, couplings)

    def improve(_, carry):
        previous, solution, weight = carry
        weight = 1 / (1 - 0.25 * ratio**2 * weight)
        update = weight * ((values - apply(solution)) / centre + solution - previous) + previous
        return solution, update, weight

    # A loop, because unrolled sums over neighbours would be fused and evaluated again for every
    # neighbour of a neighbour.
    start = (jnp.zeros_like(values), values / centre, 2 * jnp.ones_like(centre))
    return jax.lax.fori_loop(0, solver.preconditioner_degree, improve, start)[1]


def _largest(tangent):
    norms = jnp.abs(tangent) if tangent.ndim == 1 else jnp.linalg.norm(tangent, axis=0)
    return jnp.max(norms)


def _site_sums(stored, tangent):
    """Return the overlap of each slot of `stored` (memory, tangent) with `tangent`."""
    return jnp.sum(stored * tangent, axis=tuple(range(1, stored.ndim)))


def begin(spins: jax.Array, solver: Solver) -> Descent:
    """Return the state of a relaxation that starts at `spins` (component, site).

    The first evaluation looks at the start itself.
    """
    geometry = GEOMETRIES[spins.shape[0]]
    still = jnp.zeros_like(geometry.project(spins, spins))
    empty = jnp.zeros((solver.memory, *still.shape), spins.dtype)
    return Descent(
        spins=spins,
        field=jnp.zeros_like(spins),
        gradient=still,
        move=still,
        trial=spins,
        scale=jnp.ones((), spins.dtype),
        moves=empty,
        changes=empty,
        overlaps=jnp.zeros(solver.memory, spins.dtype),
        steps=jnp.zeros((), jnp.int32),
        largest_torque=jnp.full((), jnp.inf, spins.dtype),
        status=jnp.full((), RUNNING, jnp.int32),
    )


def _search_direction(
    spins, gradient, moves, changes, overlaps, newest, couplings, parameters, solver
):
    """Return -(inverse Hessian) . gradient, capped in rotation.

    The two-loop recursion of L-BFGS (Nocedal and Wright, alg. 7.4), with the sums over sites
    taken at once and the recursion run on them.
    """
    geometry = GEOMETRIES[spins.shape[0]]
    memory = solver.memory
    order = [(newest - age) % memory for age in range(memory)]
    inverse = jnp.where(overlaps > 0, 1 / jnp.where(overlaps > 0, overlaps, 1), 0)
    # cross[i, j] = move_i . change_j
    cross = jnp.stack([_site_sums(moves, changes[j]) for j in range(memory)], axis=1)
    along = _site_sums(moves, gradient)
    weights = jnp.zeros(memory, gradient.dtype)
    for slot in order:
        weights = weights.at[slot].set(inverse[slot] * (along[slot] - cross[slot] @ weights))
    shape = (memory,) + (1,) * gradient.ndim
    rest = gradient - jnp.sum(weights.reshape(shape) * changes, axis=0)

    if rest.ndim == 1:
        result = precondition(rest, couplings, parameters, solver)
    else:
        result = jnp.stack([precondition(x, couplings, parameters, solver) for x in rest])
        result = geometry.transport(spins, result)

    along = _site_sums(changes, result)
    gains = jnp.zeros(memory, gradient.dtype)
    for slot in reversed(order):
        overlap = inverse[slot] * (along[slot] + gains @ cross[:, slot])
        gains = gains.at[slot].set(weights[slot] - overlap)
    result = result + jnp.sum(gains.reshape(shape) * moves, axis=0)

    downhill = jnp.sum(result * gradient) > 0
    direction = -jnp.where(downhill, result, gradient)
    return direction * jnp.minimum(1, solver.max_rotation_rad / (_largest(direction) + 1e-30))


def _status(state: Descent, solver: Solver):
    return jnp.select(
        [
            ~jnp.isfinite(state.largest_torque),
            state.largest_torque <= solver.torque_tolerance_mev,
            state.steps >= solver.max_steps,
            state.scale < SHORTEST,
        ],
        [NOT_FINITE, CONVERGED, OUT_OF_STEPS, STALLED],
        RUNNING,
    ).astype(jnp.int32)


def advance(
    state: Descent,
    slot: jax.Array,
    couplings: Couplings,
    parameters: Parameters,
    solver: Solver,
):
    """Return the state after one field evaluation.

    A finished state keeps its spins, torque, steps and status. `slot` is where the ring takes the
    next pair: the same for all lanes of a batch, so that it is written in place.
    """
    geometry = GEOMETRIES[state.spins.shape[0]]
    running = state.status == RUNNING
    field = effective_field(state.trial, couplings, parameters)
    change = energy_change(state.spins, state.field, state.trial, field)
    # What rounding alone can make of the difference: no step may be refused for less.
    noise = jnp.finfo(field.dtype).eps * jnp.linalg.norm(field)
    expected = SUFFICIENT_DECREASE * jnp.sum(state.move * state.gradient)
    broken = ~jnp.isfinite(change)
    accepted = running & (change <= expected + noise)

    spins = jnp.where(accepted, state.trial, state.spins)
    field = jnp.where(accepted, field, state.field)
    gradient = -geometry.project(spins, field)
    moved = geometry.transport(spins, state.move)
    difference = gradient - geometry.transport(spins, state.gradient)
    overlap = jnp.sum(moved * difference)
    size = jnp.linalg.norm(moved) * jnp.linalg.norm(difference)
    useful = accepted & (overlap > 1e-6 * size)

    def push(stored, new):
        carried = jax.vmap(lambda tangent: geometry.transport(spins, tangent))(stored)
        return carried.at[slot].set(jnp.where(useful, new, 0))

    moves, changes = push(state.moves, moved), push(state.changes, difference)
    overlaps = state.overlaps.at[slot].set(jnp.where(useful, overlap, 0))
    direction = _search_direction(
        spins, gradient, moves, changes, overlaps, slot, couplings, parameters, solver
    )
    move = jnp.where(accepted, direction, SHORTEN * state.move)
    new = Descent(
        spins,
        field,
        gradient,
        move,
        rotate(spins, geometry.embed(spins, move)),
        jnp.where(accepted, 1, SHORTEN * state.scale),
        moves,
        changes,
        overlaps,
        state.steps + running,
        jnp.where(broken, jnp.nan, _largest(gradient)),
        state.status,
    )
    return new._replace(
        largest_torque=jnp.where(running, new.largest_torque, state.largest_torque),
        status=jnp.where(running, _status(new, solver), state.status),
    )
