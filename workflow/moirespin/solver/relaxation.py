"""Relaxation of one spin texture to the nearest minimum of eq. (1).

Limited-memory BFGS on a product of spheres, preconditioned with the intralayer stiffness. Two
geometries share it: a texture whose spins all lie in the xz plane moves by one angle per site and
stays in that plane exactly; a general texture moves in the tangent planes of its spins.

Written by hand, because the L-BFGS of Optimistix or Optax knows neither spheres nor a
preconditioner between its two loops, and lets the line search of one texture hold up the others.

Each iteration costs one evaluation of the field: a step that raises the energy is taken back and
shortened, and the lane tries again in the next iteration, so that all lanes stay in step.
Failure is data: a lane that runs out of steps, stalls or meets a NaN says so in `status`.

Axes, units: as in `hamiltonian`, lanes last. `tangent` has 1 component in the coplanar
geometry and 3 in the general one.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from moirespin.physics.hamiltonian import (
    Couplings,
    Parameters,
    bonded_sites,
    dot,
    effective_field,
    energy_change,
    neighbour_sum,
    overlap,
)
from moirespin.solver.outcomes import CONVERGED, NOT_FINITE, OUT_OF_STEPS, RUNNING, STALLED

# Sums over sites are accumulated in float64; what is single says so.
jax.config.update("jax_enable_x64", True)

SUFFICIENT_DECREASE = 1e-4
SHORTEN = 0.25
SHORTEST = 1e-6
# L-BFGS learns nothing from a step along which the energy curves by less than this share of the
# softest stiffness.
LEAST_CURVATURE = 1e-4


class Solver(NamedTuple):
    """Settings of the relaxation that can change a result.

    Attributes:
        torque_tolerance_mev: a texture counts as relaxed when no spin feels a larger torque.
        max_steps: field evaluations allowed per start.
        max_rotation_rad: largest rotation of a spin in one step; long smooth steps can sweep a
            domain wall out of its minimum.
        memory: pairs of steps that L-BFGS keeps.
        preconditioner_shift_mev: stiffness added to 2 D in the preconditioner.
        preconditioner_degree: degree of the polynomial that approximates its inverse.
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
        transport: (old spins, new spins, tangent) -> the tangent carried from old to new.
        transport_all: the same for tangents stacked along a first axis.
        cleanse: (spins, tangent) -> the tangent without what has crept in along the spins.
    """

    project: Callable
    embed: Callable
    transport: Callable
    transport_all: Callable
    cleanse: Callable


def _perpendicular(spins: jax.Array) -> jax.Array:
    return jnp.stack([spins[1], -spins[0]])


def _tangent_part(spins: jax.Array, vectors: jax.Array) -> jax.Array:
    return vectors - dot(spins, vectors) * spins


def _parallel_transport(old: jax.Array, new: jax.Array, tangent: jax.Array) -> jax.Array:
    """Carry a tangent along the great circles from old to new spins, keeping all overlaps."""
    share = dot(new, tangent) / (1 + dot(old, new))
    return tangent - share * (old + new)


COPLANAR = Geometry(
    project=lambda spins, vectors: dot(_perpendicular(spins), vectors)[None],
    embed=lambda spins, angles: angles * _perpendicular(spins),
    transport=lambda old, new, angles: angles,
    transport_all=lambda old, new, stored: stored,
    cleanse=lambda spins, angles: angles,
)
GENERAL = Geometry(
    project=_tangent_part,
    embed=lambda spins, tangent: tangent,
    transport=_parallel_transport,
    transport_all=lambda old, new, stored: jnp.stack(
        [_parallel_transport(old, new, tangent) for tangent in stored]
    ),
    cleanse=_tangent_part,
)
GEOMETRIES = {2: COPLANAR, 3: GENERAL}


class Descent(NamedTuple):
    """State of one relaxation.

    Attributes:
        spins, field: texture and its field, shape (component, site, ...).
        gradient: tangent gradient of the energy (meV), shape (tangent, site, ...).
        move: tangent step (rad) from `spins` to `trial`, shape (tangent, site, ...).
        slope: move . gradient (meV), shape (...).
        trial: texture whose energy is looked at next, shape (component, site, ...).
        scale: fraction of the full step that `move` is, shape (...).
        moves, changes: past steps and gradient changes in a ring, shape (memory, tangent, site,
            ...); a slot without a pair holds zeros.
        overlaps: move_i . change_j, 0 where a slot holds no pair, shape (memory, memory, ...);
            transport keeps it, so that only the newest row and column need be summed.
        steps: field evaluations so far.
        largest_torque: largest |S x h| (meV).
        status: one of RUNNING, CONVERGED, OUT_OF_STEPS, STALLED, NOT_FINITE.
    """

    spins: jax.Array
    field: jax.Array
    gradient: jax.Array
    move: jax.Array
    slope: jax.Array
    trial: jax.Array
    scale: jax.Array
    moves: jax.Array
    changes: jax.Array
    overlaps: jax.Array
    steps: jax.Array
    largest_torque: jax.Array
    status: jax.Array


def displacement(spins: jax.Array, step: jax.Array) -> jax.Array:
    """Return S' - S of spins turned by `step` (component, site, ...), a tangent at each spin.

    The Cayley form keeps |S| = 1 without a square root and turns by 2 atan(|step| / 2).
    """
    quarter = 0.25 * dot(step, step)
    return (step - 2 * quarter * spins) / (1 + quarter)


def precondition(
    values: jax.Array, couplings: Couplings, parameters: Parameters, *, solver: Solver
) -> jax.Array:
    """Return a polynomial approximation of (J Lap + 2 D + shift)^-1 . `values` (site, ...).

    Lap is the honeycomb Laplacian of a layer, with eigenvalues from 0 to 6. The Chebyshev
    semi-iteration is a fixed polynomial, positive on that interval: a valid preconditioner at the
    cost of a few sums over neighbours. Source: Saad, Iterative Methods, alg. 12.1.
    """
    lowest = 2 * jnp.abs(parameters.anisotropy) + solver.preconditioner_shift_mev
    centre = lowest + 3 * parameters.intralayer
    ratio = 3 * parameters.intralayer / centre

    def apply(x: jax.Array) -> jax.Array:
        return centre * x - parameters.intralayer * neighbour_sum(x, couplings)

    def improve(
        _: int, carry: tuple[jax.Array, jax.Array, jax.Array]
    ) -> tuple[jax.Array, jax.Array, jax.Array]:
        previous, solution, weight = carry
        weight = 1 / (1 - 0.25 * ratio**2 * weight)
        update = weight * ((values - apply(solution)) / centre + solution - previous) + previous
        return solution, update, weight

    # A loop, because unrolled sums over neighbours would be fused and evaluated again for every
    # neighbour of a neighbour.
    start = (jnp.zeros_like(values), values / centre, 2 * jnp.ones_like(centre))
    return jax.lax.fori_loop(0, solver.preconditioner_degree, improve, start)[1]


def _largest(tangent: jax.Array) -> jax.Array:
    """Return the largest norm over sites, shape (...)."""
    return jnp.sqrt(jnp.max(dot(tangent, tangent), axis=0))


def begin(spins: jax.Array, solver: Solver) -> Descent:
    """Return the state of a relaxation that starts at `spins` (component, site, ...).

    The first evaluation looks at the start itself.
    """
    geometry = GEOMETRIES[spins.shape[0]]
    still = jnp.zeros_like(geometry.project(spins, spins))
    lanes = spins.shape[2:]
    empty = jnp.zeros((solver.memory, *still.shape), spins.dtype)
    return Descent(
        spins=spins,
        field=jnp.zeros_like(spins),
        gradient=still,
        move=still,
        slope=jnp.zeros(lanes, spins.dtype),
        trial=spins,
        scale=jnp.ones(lanes, spins.dtype),
        moves=empty,
        changes=empty,
        overlaps=jnp.zeros((solver.memory, solver.memory, *lanes), spins.dtype),
        steps=jnp.zeros(lanes, jnp.int32),
        largest_torque=jnp.full(lanes, jnp.inf, spins.dtype),
        status=jnp.full(lanes, RUNNING, jnp.int32),
    )


def _search_direction(
    spins: jax.Array,
    gradient: jax.Array,
    *,
    moves: jax.Array,
    changes: jax.Array,
    overlaps: jax.Array,
    newest: jax.Array,
    couplings: Couplings,
    parameters: Parameters,
    solver: Solver,
) -> tuple[jax.Array, jax.Array]:
    """Return -(inverse Hessian) . gradient, capped in rotation, and its slope.

    The two-loop recursion of L-BFGS (Nocedal and Wright, alg. 7.4), run on the overlaps of the
    stored pairs instead of on the pairs.
    """
    geometry = GEOMETRIES[spins.shape[0]]
    memory = solver.memory
    order = [(newest - age) % memory for age in range(memory)]
    curvature = jnp.stack([overlaps[slot, slot] for slot in range(memory)])
    inverse = jnp.where(curvature > 0, 1 / jnp.where(curvature > 0, curvature, 1), 0)
    along = jnp.stack([overlap(move, gradient) for move in moves])
    weights = jnp.zeros_like(curvature)
    for slot in order:
        known = jnp.sum(overlaps[slot] * weights, axis=0)
        weights = weights.at[slot].set(inverse[slot] * (along[slot] - known))
    rest = gradient - dot(weights, changes)

    result = jnp.stack(
        [precondition(values, couplings, parameters, solver=solver) for values in rest]
    )
    result = geometry.cleanse(spins, result)

    along = jnp.stack([overlap(change, result) for change in changes])
    gains = jnp.zeros_like(curvature)
    for slot in reversed(order):
        known = jnp.sum(gains * overlaps[:, slot], axis=0)
        gains = gains.at[slot].set(weights[slot] - inverse[slot] * (along[slot] + known))
    result = result + dot(gains, moves)

    descent = overlap(result, gradient)
    # The inverse Hessian is positive, and only rounding can make its result point uphill.
    share = jnp.minimum(1, solver.max_rotation_rad / (_largest(result) + 1e-30))
    return -jnp.sign(descent) * share * result, -share * jnp.abs(descent)


def _rounding_error(step: jax.Array, couplings: Couplings, parameters: Parameters) -> jax.Array:
    """Return what rounding alone can make of an energy change (meV), given |step|^2."""
    between = jnp.max(jnp.sum(jnp.abs(couplings.interlayer), axis=1))
    field = 3 * jnp.abs(parameters.intralayer) + 2 * jnp.abs(parameters.anisotropy) + between
    return jnp.finfo(step.dtype).eps * field * jnp.sqrt(bonded_sites(couplings) * step)


def _status(state: Descent, solver: Solver) -> jax.Array:
    """Return what has become of each lane; the first condition that holds decides."""
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
    *,
    parameters: Parameters,
    solver: Solver,
) -> Descent:
    """Return the state after one field evaluation.

    A finished lane keeps its spins, torque, steps and status. `slot` is where the ring takes the
    next pair: the same for all lanes, so that it is written in place.
    """
    geometry = GEOMETRIES[state.spins.shape[0]]
    running = state.status == RUNNING
    field = effective_field(state.trial, couplings, parameters)
    shift = displacement(state.spins, geometry.embed(state.spins, state.move))
    change = energy_change(shift, state.field, field)
    step = overlap(state.move, state.move)
    noise = _rounding_error(step, couplings, parameters)
    broken = ~jnp.isfinite(change)
    # No step may be refused for less than rounding.
    accepted = running & (change <= SUFFICIENT_DECREASE * state.slope + noise)

    spins = jnp.where(accepted, state.trial, state.spins)
    field = jnp.where(accepted, field, state.field)
    gradient = -geometry.project(spins, field)
    moved = geometry.transport(state.spins, spins, state.move)
    difference = gradient - geometry.transport(state.spins, spins, state.gradient)
    curvature = overlap(moved, difference)
    useful = accepted & (curvature > LEAST_CURVATURE * solver.preconditioner_shift_mev * step)

    moves, changes = (
        geometry.transport_all(state.spins, spins, stored).at[slot].set(jnp.where(useful, new, 0))
        for stored, new in ((state.moves, moved), (state.changes, difference))
    )
    row = jnp.stack([overlap(moves[slot], change) for change in changes])
    column = jnp.stack([overlap(move, changes[slot]) for move in moves])
    overlaps = state.overlaps.at[slot].set(row).at[:, slot].set(column)
    direction, slope = _search_direction(
        spins,
        gradient,
        moves=moves,
        changes=changes,
        overlaps=overlaps,
        newest=slot,
        couplings=couplings,
        parameters=parameters,
        solver=solver,
    )
    # A finished lane stands still; shortening its step for ever would end in slow denormals.
    shorter = jnp.where(running, SHORTEN, 0)
    move = jnp.where(accepted, direction, shorter * state.move)
    new = Descent(
        spins=spins,
        field=field,
        gradient=gradient,
        move=move,
        slope=jnp.where(accepted, slope, shorter * state.slope),
        trial=spins + displacement(spins, geometry.embed(spins, move)),
        scale=jnp.where(accepted, 1, shorter * state.scale),
        moves=moves,
        changes=changes,
        overlaps=overlaps,
        steps=state.steps + running,
        largest_torque=jnp.where(broken, jnp.nan, _largest(gradient)),
        status=state.status,
    )
    return new._replace(
        largest_torque=jnp.where(running, new.largest_torque, state.largest_torque),
        status=jnp.where(running, _status(new, solver), state.status),
    )
