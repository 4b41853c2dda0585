"""Many relaxations at once: a pool of lanes, each refilled as soon as its texture is relaxed.

A batch runs as long as its slowest lane. Here the pool advances a few iterations
at a time; finished lanes are emptied and given the next start, so that none waits for another.
What a lane computes depends on its own start only.
"""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.hamiltonian import Couplings, Parameters, energy, in_precision
from moirespin.relax import RUNNING, Descent, Solver, advance, begin

logger = logging.getLogger("moirespin")

# Rows of lanes are fetched whole: a multiple of the widest vector register.
LANE_MULTIPLE = 16
SECONDS_BETWEEN_REPORTS = 10.0
# Emptying a few lanes costs as much as emptying all.
REFILL_FRACTION = 0.25


class Relaxed(NamedTuple):
    """What became of one start.

    Attributes:
        task: number of the start in the caller's list.
        spins: texture, shape (component, site), float32.
        energy_mev: energy per supercell, evaluated in float64.
        steps: field evaluations.
        largest_torque_mev: largest |S x h|.
        status: how the relaxation ended, as in `relax`.
    """

    task: int
    spins: np.ndarray
    energy_mev: float
    steps: int
    largest_torque_mev: float
    status: int


@partial(jax.jit, static_argnames="solver", donate_argnames="state")
def _advance_pool(state: Descent, couplings: Couplings, parameters: Parameters, solver: Solver):
    def iterate(count, state):
        return advance(state, count % solver.memory, couplings, parameters, solver)

    # Whole turns of the ring, so that every lane starts at its slot 0.
    return jax.lax.fori_loop(0, 2 * solver.memory, iterate, state)


@partial(jax.jit, static_argnames="solver")
def _begin_pool(starts: jax.Array, solver: Solver) -> Descent:
    return begin(starts, solver)


@partial(jax.jit, static_argnames="solver", donate_argnames="state")
def _refill_pool(state: Descent, starts: jax.Array, fresh: jax.Array, solver: Solver) -> Descent:
    return jax.tree.map(partial(jnp.where, fresh), _begin_pool(starts, solver), state)


@jax.jit
def _pool_energies(spins: jax.Array, couplings: Couplings, parameters: Parameters) -> jax.Array:
    spins = spins.astype(jnp.float64)
    spins = spins / jnp.linalg.norm(spins, axis=0)
    return energy(spins, couplings, parameters)


def relax_many(
    start_of: Callable[[int], np.ndarray],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    solver: Solver,
    lanes: int,
) -> Iterator[Relaxed]:
    """Relax every start and yield the results in the order in which they finish.

    Args:
        start_of: start of a task, shape (component, site); all of one geometry.
        parameters_mev: (J, D) of each task, shape (task, 2).
        couplings: bonds, in float64.
        solver: settings of the relaxation.
        lanes: how many are relaxed at once; changes no result.
    """
    tasks = len(parameters_mev)
    if tasks == 0:
        return
    lanes = LANE_MULTIPLE * -(-min(lanes, tasks) // LANE_MULTIPLE)
    single = in_precision(couplings, jnp.float32)
    start = np.asarray(start_of(0), np.float32)
    starts = np.repeat(start[..., None], lanes, axis=-1)
    state = _begin_pool(jnp.asarray(starts), solver)
    task_of = np.full(lanes, -1)
    parameters = np.tile(parameters_mev[0], (lanes, 1))
    waiting, done = 0, 0
    reported = time.monotonic()
    while done < tasks:
        fresh = np.zeros(lanes, bool)
        for lane in np.flatnonzero(task_of < 0)[: tasks - waiting]:
            starts[..., lane] = start_of(waiting)
            parameters[lane] = parameters_mev[waiting]
            task_of[lane] = waiting
            fresh[lane] = True
            waiting += 1
        state = _refill_pool(state, jnp.asarray(starts), jnp.asarray(fresh), solver)
        double = Parameters(*jnp.asarray(parameters, jnp.float64).T)
        enough = REFILL_FRACTION * np.sum(task_of >= 0) if waiting < tasks else np.inf
        while True:
            state = _advance_pool(state, single, in_precision(double, jnp.float32), solver)
            status = np.asarray(state.status)
            finished = (task_of >= 0) & (status != RUNNING)
            if finished.sum() >= enough or finished.sum() == np.sum(task_of >= 0):
                break
        energies = np.asarray(_pool_energies(state.spins, couplings, double))
        spins, steps, torques = (
            np.asarray(x) for x in (state.spins, state.steps, state.largest_torque)
        )
        for lane in np.flatnonzero(finished):
            yield Relaxed(
                int(task_of[lane]),
                spins[..., lane].copy(),
                float(energies[lane]),
                int(steps[lane]),
                float(torques[lane]),
                int(status[lane]),
            )
            task_of[lane] = -1
            done += 1
        if time.monotonic() - reported > SECONDS_BETWEEN_REPORTS:
            reported = time.monotonic()
            logger.info("relaxed %d of %d starts", done, tasks)
