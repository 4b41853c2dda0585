"""The pool of lanes: neither lanes, devices nor memory change a result."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.solver import batch as pool_of_lanes
from moirespin.solver.batch import (
    lane_bytes,
    lanes_that_fit,
    pool_size,
    room_for,
)
from moirespin.solver.relaxation import (
    NOT_FINITE,
    OUT_OF_STEPS,
    STALLED,
    begin,
)
from moirespin.states.ground_state import as_general, structured_starts
from small_relaxations import NAMES, draw_sets, relax_all


@pytest.fixture(scope="module", autouse=True)
def compiled_as_in_jobs():
    """Bytes are compared here: relaxations are compiled as users compile them."""
    own = jax.jit(
        pool_of_lanes._advance_pool.__wrapped__,
        static_argnames="solver",
        donate_argnames="state",
        compiler_options={"xla_cpu_use_fusion_emitters": True},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool_of_lanes, "_advance_pool", own)
        yield


@pytest.mark.slow
def test_hopeless_lanes_are_flagged_and_disturb_no_other(coplanar, bonds, solver):
    starts, parameters, alone = coplanar
    broken = np.array(starts[3])
    broken[0, 7] = np.nan
    more = [*starts, broken, starts[4]]
    own = np.concatenate([parameters, [[2.0, 0.2], [1e6, 0.0]]])
    results = relax_all(more, own, bonds, solver)
    assert results[-2].status == NOT_FINITE
    assert np.isnan(results[-2].largest_torque_mev)
    assert results[-1].status in (OUT_OF_STEPS, STALLED)
    for before, after in zip(alone, results, strict=False):
        np.testing.assert_array_equal(before.spins, after.spins)
        assert (before.steps, before.status) == (after.steps, after.status)


@pytest.fixture(scope="module")
def quick(solver):
    """A solver that compiles in half the time."""
    return solver._replace(memory=1, max_steps=120)


@pytest.fixture(scope="module")
def many(couplings, quick):
    """Starts, parameters and results in 16 lanes.

    At m = 8 a float32 sum over sites is long enough to depend on the number of lanes.
    """
    bonds = couplings(8)
    starts = np.tile(structured_starts(bonds, NAMES), (17, 1, 1))
    parameters = draw_sets(len(starts), seed=5)
    return starts, parameters, relax_all(starts, parameters, bonds, quick, 16)


@pytest.mark.slow
def test_neither_lanes_nor_order_change_a_result(many, couplings, quick):
    starts, parameters, expected = many
    for lanes, order in ((32, 1), (48, -1), (4, 1)):
        results = relax_all(starts[::order], parameters[::order], couplings(8), quick, lanes)
        for mine, other in zip(expected, results[::order], strict=True):
            np.testing.assert_array_equal(mine.spins, other.spins)
            assert (mine.steps, mine.status) == (other.steps, other.status)
            assert mine.largest_torque_mev == other.largest_torque_mev
            assert mine.energy_mev == other.energy_mev


@pytest.mark.slow
def test_out_of_memory_halves_the_pool_and_loses_no_start(bonds, solver, monkeypatch, caplog):
    starts = np.tile(structured_starts(bonds, NAMES), (24, 1, 1))
    parameters = draw_sets(len(starts), seed=6)
    expected = relax_all(starts, parameters, bonds, solver, 16)
    advance, sizes = pool_of_lanes._advance_pool, []

    def advance_in_little_memory(state, *rest, **solver):
        sizes.append(state.steps.shape[-1])
        if sizes[-1] > 16:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory")
        return advance(state, *rest, **solver)

    monkeypatch.setattr(pool_of_lanes, "_advance_pool", advance_in_little_memory)
    with caplog.at_level("INFO", "moirespin"):
        results = relax_all(starts, parameters, bonds, solver, 64)
    assert sizes[:2] == [64, 32]
    assert set(sizes[2:]) == {16}
    assert "out of memory: going on with 32 starts at once" in caplog.text
    for mine, other in zip(expected, results, strict=True):
        np.testing.assert_array_equal(mine.spins, other.spins)
        assert (mine.task, mine.steps, mine.status) == (other.task, other.steps, other.status)


def test_other_errors_of_the_device_are_not_hidden(couplings, solver, monkeypatch):
    def fail(*_, **__):
        raise jax.errors.JaxRuntimeError("INTERNAL: something else")

    monkeypatch.setattr(pool_of_lanes, "_advance_pool", fail)
    bonds = couplings(2)
    with pytest.raises(jax.errors.JaxRuntimeError, match="something else"):
        relax_all(structured_starts(bonds, NAMES), draw_sets(3), bonds, solver, 64)


@pytest.mark.parametrize("components", [2, 3])
@pytest.mark.parametrize("memory", [1, 3, 8])
def test_memory_of_a_lane_holds_its_state_twice(solver, components, memory):
    """An iteration needs the old state and the new one, however the compiler reuses memory."""
    sites, lanes = 868, 64
    longer = solver._replace(memory=memory)
    starts = jax.ShapeDtypeStruct((components, sites, lanes), jnp.float32)
    state = jax.eval_shape(lambda x: begin(x, longer), starts)
    held = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)) / lanes
    assert lane_bytes(components, sites, longer) > 2 * held


def test_pool_of_any_size_keeps_within_the_memory(solver):
    device = jax.local_devices()[0]
    for m, components in ((8, 2), (32, 3), (100, 3)):
        sites = 4 * (3 * m * m + 3 * m + 1)
        lanes = lanes_that_fit(device, components, sites, solver=solver)
        assert lanes == 1 or lanes * lane_bytes(components, sites, solver) <= 2**30


@pytest.mark.parametrize(
    ("starts", "most", "lanes"),
    [(1, 16, 4), (3, 64, 4), (5, 64, 16), (17, 64, 32), (500, 64, 64), (500, 40, 32), (500, 3, 4)],
)
def test_pool_is_as_large_as_its_starts_need_and_its_bounds_allow(starts, most, lanes):
    assert pool_size(starts, most) == lanes


def test_supercells_of_the_paper_share_few_sizes():
    indices = range(8, 33)
    sites = [4 * (3 * m * m + 3 * m + 1) for m in indices]
    rooms = [room_for(count) for count in sites]
    assert len(set(rooms)) == 13
    for m, count, room in zip(indices, sites, rooms, strict=True):
        assert room == count if m % 2 == 0 else count < room


@pytest.mark.parametrize("sites", [4, 5, 28, 29, 12676, 12677, 200_000])
def test_room_holds_a_supercell_and_is_the_same_for_it(sites):
    assert room_for(room_for(sites)) == room_for(sites) >= sites


@pytest.mark.slow
def test_room_of_a_supercell_changes_no_result(coplanar, bonds, solver, monkeypatch):
    """What is added to fill up a supercell takes no part, to the byte."""
    starts, parameters, roomy = coplanar
    full = [as_general(start) for start in starts]
    roomy = roomy + relax_all(full, parameters, bonds, solver)
    assert room_for(len(bonds.neighbours)) > len(bonds.neighbours)
    monkeypatch.setattr(pool_of_lanes, "room_for", lambda sites: sites)
    close = [
        other for each in (starts, full) for other in relax_all(each, parameters, bonds, solver)
    ]
    for mine, other in zip(roomy, close, strict=True):
        np.testing.assert_array_equal(mine.spins, other.spins)
        assert mine[2:] == other[2:]


@pytest.mark.slow
def test_devices_change_no_result(many, quick, tmp_path):
    """Lanes spread over two devices, in a process that has them, as over two GPUs."""
    code = """
import sys
import jax, numpy as np
from conftest import _couplings
from small_relaxations import relax_all
from moirespin.solver.relaxation import Solver
assert jax.local_device_count() == 2
given = np.load(sys.argv[1])
quick = Solver(*(given[name].item() for name in Solver._fields))
found = relax_all(given["starts"], given["parameters"], _couplings(8, 1.0), quick, 16)
names = ("spins", "steps", "energy_mev")
np.savez(sys.argv[2], **{name: [getattr(x, name) for x in found] for name in names})
"""
    tests = Path(__file__).parents[1]
    folders = (tests, *(tests.parent / name for name in ("workflow", "benchmarks")))
    starts, parameters, expected = many
    given, out = tmp_path / "given.npz", tmp_path / "out.npz"
    np.savez(given, starts=starts, parameters=parameters, **quick._asdict())
    environment = os.environ | {"JAX_NUM_CPU_DEVICES": "2", "JAX_ENABLE_X64": "1"}
    # As users compile it: the tests compile in another way.
    environment["XLA_FLAGS"] = ""
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, folders))}
    subprocess.run([sys.executable, "-c", code, given, out], env=environment, check=True)
    results = np.load(out)
    for name in results.files:
        np.testing.assert_array_equal(results[name], [getattr(x, name) for x in expected])
