"""Many relaxations at once: a pool of lanes, each refilled as soon as its texture is relaxed.

A batch runs as long as its slowest lane. Here the pool advances a few iterations
at a time; finished lanes are emptied and given the next start, so that none waits for another.
What a lane computes depends on its own start only: neither the number of lanes nor the devices
that they are spread over change a result.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from moirespin.physics.hamiltonian import Couplings, Parameters, energy, in_precision
from moirespin.solver.relaxation import RUNNING, Descent, Solver, advance, begin

logger = logging.getLogger("moirespin")

# Rows of lanes are fetched whole: a multiple of the widest vector register.
LANE_MULTIPLE = 16
SECONDS_BETWEEN_REPORTS = 10.0
# Emptying a few lanes costs as much as emptying all.
REFILL_FRACTION = 0.25
# Of the memory of a device; the rest is for its compiler and for others.
MEMORY_SHARE = 0.7
HOST_MEMORY_BYTES = 2**30


class Relaxed(NamedTuple):
    """What became of some starts; the first axis is the start.

    Attributes:
        task: number of each start in the caller's list.
        spins: textures, shape (start, component, site), float32.
        energy_mev: energy per supercell, evaluated in float64.
        steps: field evaluations.
        largest_torque_mev: largest |S x h|.
        status: how the relaxation ended, as in `relax`.
    """

    task: np.ndarray
    spins: np.ndarray
    energy_mev: np.ndarray
    steps: np.ndarray
    largest_torque_mev: np.ndarray
    status: np.ndarray


def _spread(values, mesh: Mesh):
    """Return arrays with their last axis, the lanes, spread over the devices of `mesh`.

    Said explicitly: left to itself, a compiler may give every device all lanes.
    """
    return jax.tree.map(
        lambda x: jax.lax.with_sharding_constraint(
            x, NamedSharding(mesh, PartitionSpec(*[None] * (x.ndim - 1), "lanes"))
        ),
        values,
    )


@partial(jax.jit, static_argnames=("solver", "mesh"), donate_argnames="state")
def _advance_pool(state, couplings: Couplings, parameters: jax.Array, solver: Solver, mesh: Mesh):
    single = _spread(Parameters(*parameters.T.astype(jnp.float32)), mesh)

    def iterate(count, state):
        return advance(state, count % solver.memory, couplings, single, solver)

    # A whole turn of the ring, so that every lane starts at its slot 0.
    return _spread(jax.lax.fori_loop(0, solver.memory, iterate, state), mesh)


@partial(jax.jit, static_argnames=("solver", "mesh"))
def _begin_pool(starts: jax.Array, solver: Solver, mesh: Mesh) -> Descent:
    """Starts have lanes first here and in the next function, as the host writes them."""
    return _spread(begin(jnp.moveaxis(starts, 0, -1), solver), mesh)


@partial(jax.jit, static_argnames=("solver", "mesh"), donate_argnames="state")
def _refill_pool(state, starts: jax.Array, fresh: jax.Array, solver: Solver, mesh: Mesh):
    new = _begin_pool(starts, solver, mesh)
    return _spread(jax.tree.map(partial(jnp.where, fresh), new, state), mesh)


@jax.jit
def _look_at_pool(spins: jax.Array, couplings: Couplings, parameters: jax.Array):
    """Return the textures with lanes first, and their energies in float64."""
    double = spins.astype(jnp.float64)
    double = double / jnp.linalg.norm(double, axis=0)
    energies = energy(double, couplings, Parameters(*parameters.T))
    return jnp.moveaxis(spins, -1, 0), energies


def lane_bytes(components: int, sites: int, solver: Solver) -> int:
    """Return the memory that one lane takes: its state, and as much again on the way."""
    tangent = 1 if components == 2 else 3
    floats = 3 * components + 2 * tangent * (1 + solver.memory)
    # float64 textures and fields of the energies that decide come on top.
    return 4 * sites * (2 * floats + 6 * components)


def lanes_that_fit(components: int, sites: int, solver: Solver) -> int:
    """Return how many lanes each device's memory allows, before anything is allocated."""
    free = []
    for device in jax.local_devices():
        known = device.memory_stats()
        free.append(
            MEMORY_SHARE * (known["bytes_limit"] - known["bytes_in_use"])
            if known and "bytes_limit" in known
            else HOST_MEMORY_BYTES / len(jax.local_devices())
        )
    each = int(min(free) / lane_bytes(components, sites, solver))
    return max(LANE_MULTIPLE, each // LANE_MULTIPLE * LANE_MULTIPLE)


def relax_many(
    start_of: Callable[[int], np.ndarray],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    solver: Solver,
    lanes: int,
) -> Iterator[Relaxed]:
    """Relax every start and yield the results in the order in which they finish.

    A pool too large for the devices is halved, and what it held is started again.

    Args:
        start_of: start of a task, shape (component, site); all of one geometry.
        parameters_mev: (J, D) of each task, shape (task, 2).
        couplings: bonds, in float64.
        solver: settings of the relaxation.
        lanes: the largest number relaxed at once on each device; changes no result.

    Raises:
        jax.errors.JaxRuntimeError: if not even the smallest pool fits into memory.
    """
    left = np.ones(len(parameters_mev), bool)
    if not left.any():
        return
    lanes = min(lanes, lanes_that_fit(*start_of(0).shape, solver))
    reported = time.monotonic()
    while left.any():
        waiting = deque(np.flatnonzero(left).tolist())
        try:
            for relaxed in _run_pool(waiting, start_of, parameters_mev, couplings, solver, lanes):
                left[relaxed.task] = False
                yield relaxed
                if time.monotonic() - reported > SECONDS_BETWEEN_REPORTS:
                    reported = time.monotonic()
                    logger.info("relaxed %d of %d starts", np.sum(~left), len(left))
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or lanes <= LANE_MULTIPLE:
                raise
            lanes //= 2
            logger.info("out of memory: going on with %d starts at once on each device", lanes)


def _run_pool(waiting: deque, start_of, parameters_mev, couplings, solver, lanes):
    devices = jax.local_devices()
    multiple = LANE_MULTIPLE * len(devices)
    lanes = multiple * -(-min(lanes * len(devices), len(waiting)) // multiple)
    mesh = Mesh(np.array(devices), ("lanes",))
    first = NamedSharding(mesh, PartitionSpec("lanes"))
    couplings = jax.device_put(couplings, NamedSharding(mesh, PartitionSpec()))
    single = in_precision(couplings, jnp.float32)
    task_of = np.full(lanes, -1)
    starts = np.tile(np.asarray(start_of(waiting[0]), np.float32), (lanes, 1, 1))
    parameters = np.tile(parameters_mev[waiting[0]], (lanes, 1))
    state = _begin_pool(jax.device_put(starts, first), solver, mesh)
    while waiting or np.any(task_of >= 0):
        fresh = np.flatnonzero(task_of < 0)[: len(waiting)]
        for lane in fresh:
            task_of[lane] = task = waiting.popleft()
            starts[lane] = start_of(task)
            parameters[lane] = parameters_mev[task]
        if len(fresh):
            refill = np.isin(np.arange(lanes), fresh)
            placed, refill, own = jax.device_put((starts, refill, parameters), first)
            state = _refill_pool(state, placed, refill, solver, mesh)
        busy = task_of >= 0
        enough = REFILL_FRACTION * busy.sum() if waiting else busy.sum()
        while True:
            state = _advance_pool(state, single, own, solver, mesh)
            finished = np.flatnonzero(busy & (np.asarray(state.status) != RUNNING))
            if len(finished) >= enough:
                break
        spins, energies = _look_at_pool(state.spins, couplings, own)
        seen = (spins, energies, state.steps, state.largest_torque, state.status)
        yield Relaxed(task_of[finished], *(np.asarray(values)[finished] for values in seen))
        task_of[finished] = -1
