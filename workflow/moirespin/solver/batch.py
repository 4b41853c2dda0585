"""Many relaxations at once: a pool of lanes, each refilled as soon as its texture is relaxed.

A batch runs as long as its slowest lane. Here the pool advances a few iterations
at a time; finished lanes are emptied and given the next start, so that none waits for another.
Each device has a pool of its own, and all pools take their starts from one list.

What a lane computes depends on its own start only. Sums over sites are accumulated in float64 and
rounded, and energies are evaluated one texture at a time. On one computer with one version of JAX
the numbers of lanes and devices change no byte of a result in any test; this is not proven, because
a compiler may order the terms of a sum differently in a program for another number of lanes.
Another kind of device changes results by rounding.
"""

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.physics.hamiltonian import Couplings, Parameters, energy, in_precision, with_room
from moirespin.solver.relaxation import CONVERGED, RUNNING, Descent, Solver, advance, begin

logger = logging.getLogger("moirespin")

# Rows of lanes are fetched whole: a multiple of the widest vector register.
LANE_MULTIPLE = 16
# For a few starts, such as those of a single state. A pool of 8 would round three-dimensional
# textures in another way.
SMALL_POOL = 4
# Supercells share compiled programs: they are filled up, with sites that have neither spin nor
# bonds, to the size of the next one of even twist index m, which has 12 (m + 1/2)^2 + 1 sites. The
# paper's 25 angles have 13 programs, and spend 3 % of their work on empty sites.
INDEX_STEP = 2
PARTNER_MULTIPLE = 4
# To refill a pool takes about as long as a third of an iteration.
REFILL_FRACTION = 0.125
SECONDS_BETWEEN_REPORTS = 10.0
# A pool takes at most this share of the memory of a device; the compiler and others take the rest.
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


@partial(jax.jit, static_argnames="solver", donate_argnames="state")
def _advance_pool(
    state: Descent, couplings: Couplings, parameters: Parameters, *, solver: Solver
) -> Descent:
    """Return the pool after as many field evaluations as the ring has slots."""

    def iterate(count: jax.Array, state: Descent) -> Descent:
        return advance(
            state, count % solver.memory, couplings, parameters=parameters, solver=solver
        )

    # All slots of the ring are filled once, so that a lane that starts next begins at slot 0.
    return jax.lax.fori_loop(0, solver.memory, iterate, state)


@partial(jax.jit, static_argnames="solver", donate_argnames="state")
def _refill_pool(state: Descent, starts: jax.Array, fresh: jax.Array, *, solver: Solver) -> Descent:
    """Begin anew at `starts` (lane, component, site) in the lanes that are `fresh`.

    Starts have lanes first, as the host writes them.
    """
    new = begin(jnp.moveaxis(starts, 0, -1), solver)
    return jax.tree.map(partial(jnp.where, fresh), new, state)


def _empty_pool(lanes: int, components: int, sites: int, *, solver: Solver) -> Descent:
    """Return a pool without any running lane, as arrays of the host."""
    spins = jax.ShapeDtypeStruct((components, sites, lanes), np.float32)
    shapes = jax.eval_shape(partial(begin, solver=solver), spins)
    empty = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), shapes)
    return empty._replace(status=np.full(lanes, CONVERGED, np.int32))


def _energy(spins: np.ndarray, couplings: Couplings, parameters_mev: np.ndarray) -> float:
    """Return the energy of a texture (component, site), evaluated in float64 by the host."""
    double = spins.astype(float)
    # A texture that is not finite has an energy that is not finite.
    with np.errstate(invalid="ignore"):
        double /= np.sqrt(np.sum(double**2, axis=0))
        return float(energy(double, couplings, Parameters(*parameters_mev)))


def lane_bytes(components: int, sites: int, solver: Solver) -> int:
    """Return the memory that one lane takes: its state, and as much again on the way."""
    tangent = 1 if components == 2 else 3
    floats = 3 * components + 2 * tangent * (1 + solver.memory)
    return 4 * sites * (2 * floats + 4 * components)


def lanes_that_fit(device: jax.Device, components: int, sites: int, *, solver: Solver) -> int:
    """Return how many lanes the memory of a device allows, before anything is allocated."""
    known = device.memory_stats()
    free = HOST_MEMORY_BYTES / len(jax.local_devices())
    if known and "bytes_limit" in known:
        free = MEMORY_SHARE * (known["bytes_limit"] - known["bytes_in_use"])
    return max(1, int(free / lane_bytes(components, sites, solver)))


def room_for(sites: int) -> int:
    """Return the number of sites to which a supercell is filled up."""
    index = math.sqrt((sites - 1) / 12) - 0.5
    index = INDEX_STEP * math.ceil(index / INDEX_STEP)
    return 12 * index * (index + 1) + 4


def pool_size(starts: int, most: int) -> int:
    """Return the number of lanes for some starts, not above `most` but for the smallest pool."""
    if min(starts, most) <= SMALL_POOL:
        return SMALL_POOL
    return LANE_MULTIPLE * max(1, min(-(-starts // LANE_MULTIPLE), most // LANE_MULTIPLE))


def relax_many(
    start_of: Callable[[int], np.ndarray],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    *,
    solver: Solver,
    lanes: int,
) -> Iterator[Relaxed]:
    """Relax every start and yield the results in the order in which they finish.

    A pool too large for its device is halved, and what it held is started again.

    Args:
        start_of: start of a task, shape (component, site); all of one geometry.
        parameters_mev: (J, D) of each task, shape (task, 2).
        couplings: bonds, in float64.
        solver: settings of the relaxation.
        lanes: the largest number relaxed at once on each device; changes no result.

    Raises:
        jax.errors.JaxRuntimeError: if not even the smallest pool fits into memory.
    """
    waiting = deque(np.argsort(parameters_mev[:, 0], kind="stable").tolist())
    if not waiting:
        return
    devices = jax.local_devices()
    lanes = min(lanes, -(-len(waiting) // len(devices)))
    pools = [
        _run_device(
            device,
            waiting=waiting,
            start_of=start_of,
            parameters_mev=parameters_mev,
            couplings=couplings,
            solver=solver,
            lanes=lanes,
        )
        for device in devices
    ]
    done, reported = 0, time.monotonic()
    for relaxed in _side_by_side(pools):
        yield relaxed
        done += len(relaxed.task)
        if time.monotonic() - reported > SECONDS_BETWEEN_REPORTS:
            reported = time.monotonic()
            logger.info("relaxed %d of %d starts", done, len(parameters_mev))


def _side_by_side(iterators: list[Iterator]) -> Iterator:
    """Yield what comes from any of several iterators, each of which runs in a thread."""
    with ThreadPoolExecutor(len(iterators)) as threads:
        pending = {threads.submit(next, iterator, None): iterator for iterator in iterators}
        while pending:
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                iterator = pending.pop(future)
                value = future.result()
                if value is not None:
                    # The next one is worked on while the caller looks at this one.
                    pending[threads.submit(next, iterator, None)] = iterator
                    yield value


def _run_device(
    device: jax.Device,
    *,
    waiting: deque[int],
    start_of: Callable[[int], np.ndarray],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    solver: Solver,
    lanes: int,
) -> Iterator[Relaxed]:
    """Yield what one device makes of the tasks that it takes from `waiting`."""
    components, sites = start_of(0).shape
    size = pool_size(lanes, lanes_that_fit(device, components, room_for(sites), solver=solver))
    taken: dict[int, int] = {}
    pool = partial(
        _run_pool,
        device,
        waiting=waiting,
        taken=taken,
        start_of=start_of,
        parameters_mev=parameters_mev,
        couplings=couplings,
        solver=solver,
    )
    while True:
        try:
            yield from pool(lanes=size)
            return
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or size == SMALL_POOL:
                raise
            size = pool_size(size, size // 2)
            logger.info("out of memory: going on with %d starts at once on %s", size, device)
            waiting.extendleft(taken.values())
            taken.clear()


def _run_pool(
    device: jax.Device,
    *,
    waiting: deque[int],
    taken: dict[int, int],
    start_of: Callable[[int], np.ndarray],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    solver: Solver,
    lanes: int,
) -> Iterator[Relaxed]:
    """Yield what becomes of waiting tasks; `taken` says which lane has which task meanwhile."""
    components, sites = start_of(0).shape
    room = room_for(sites)
    roomy = with_room(couplings, sites=room, partner_multiple=PARTNER_MULTIPLE)
    single = jax.device_put(in_precision(roomy, np.float32), device)
    starts = np.zeros((lanes, components, room), np.float32)
    parameters = np.ones((lanes, 2), np.float32)
    state = jax.device_put(_empty_pool(lanes, components, room, solver=solver), device)
    while True:
        fresh = np.zeros(lanes, bool)
        for lane in set(range(lanes)) - taken.keys():
            # Several devices take from the list.
            try:
                task = waiting.popleft()
            except IndexError:
                break
            taken[lane], fresh[lane] = task, True
            starts[lane, :, :sites], parameters[lane] = start_of(task), parameters_mev[task]
        if not taken:
            return
        if fresh.any():
            own = jax.device_put(Parameters(*parameters.T.copy()), device)
            drawn = jax.device_put((starts, fresh), device)
            state = _refill_pool(state, *drawn, solver=solver)
        finished: list[int] = []
        while len(finished) < REFILL_FRACTION * len(taken):
            state = _advance_pool(state, single, own, solver=solver)
            status = np.asarray(state.status)
            finished = [lane for lane in taken if status[lane] != RUNNING]
        tasks = np.array([taken.pop(lane) for lane in finished])
        spins = np.moveaxis(np.asarray(state.spins)[:, :sites, finished], -1, 0)
        energies = [
            _energy(texture, couplings, parameters_mev[task])
            for task, texture in zip(tasks, spins, strict=True)
        ]
        seen = (state.steps, state.largest_torque, state.status)
        yield Relaxed(tasks, spins, np.array(energies), *(np.asarray(x)[finished] for x in seen))
