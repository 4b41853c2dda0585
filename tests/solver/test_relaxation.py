"""Relaxation and its pool of lanes: what it promises, on small bilayers."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from reference import relax as reference_relax

from moirespin.physics.hamiltonian import Parameters, effective_field, energy, in_precision
from moirespin.solver import batch as pool_of_lanes
from moirespin.solver.batch import (
    Relaxed,
    _advance_pool,
    lane_bytes,
    lanes_that_fit,
    pool_size,
    relax_many,
    room_for,
)
from moirespin.solver.relaxation import (
    CONVERGED,
    NOT_FINITE,
    OUT_OF_STEPS,
    RUNNING,
    STALLED,
    begin,
    displacement,
    precondition,
)
from moirespin.states.ground_state import as_general, layer_magnetization, structured_starts
from moirespin.states.sweep import draw_directions

NAMES = ("tilted", "noncollinear", "domain")
# A small cell has many shallow minima at strong interlayer exchange.
SMALL, SCALE = 5, 3.0


def relax_all(starts, parameters_mev, couplings, solver, lanes=16):
    """Return the result of each start, in the order of the starts."""
    found = relax_many(
        lambda task: starts[task], parameters_mev, couplings, solver=solver, lanes=lanes
    )
    each = [Relaxed(*row) for batch in found for row in zip(*batch, strict=True)]
    return sorted(each, key=lambda relaxed: relaxed.task)


def draw_sets(count, seed=0):
    draws = np.random.default_rng(seed).uniform(size=(count, 2))
    return np.array([1.0, 0.01]) + draws * np.array([9.0, 0.29])


def in_double(spins, couplings, parameters_mev):
    """Return the energy and the largest torque |S x h| in float64, by NumPy's cross product."""
    spins = as_general(spins).astype(float)
    spins = spins / np.linalg.norm(spins, axis=0)
    parameters = Parameters(*map(jnp.asarray, parameters_mev))
    field = np.asarray(effective_field(spins, couplings, parameters))
    torques = np.linalg.norm(np.cross(spins.T, field.T), axis=1)
    return float(energy(spins, couplings, parameters)), torques.max()


@pytest.fixture(scope="module")
def bonds(couplings):
    return couplings(SMALL, SCALE)


@pytest.fixture(scope="module")
def flat_starts(bonds):
    """Structured starts in turn, and random ones in the xz plane."""
    angles = np.random.default_rng(3).uniform(0, 2 * np.pi, (6, len(bonds.neighbours)))
    random = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return np.concatenate([structured_starts(bonds, NAMES), random])


@pytest.fixture(scope="module")
def general(bonds, solver, flat_starts):
    """Starts, parameters and results: nine of the plane, embedded, and 15 random in 3-D."""
    sites = len(bonds.neighbours)
    starts = [as_general(start) for start in flat_starts]
    starts += [draw_directions(1, SMALL, 0, start=number, sites=sites) for number in range(15)]
    parameters = draw_sets(len(starts))
    return starts, parameters, relax_all(starts, parameters, bonds, solver)


@pytest.fixture(scope="module")
def coplanar(bonds, solver, flat_starts):
    parameters = draw_sets(len(flat_starts))
    return flat_starts, parameters, relax_all(flat_starts, parameters, bonds, solver)


@pytest.mark.parametrize("pool", ["general", "coplanar"])
def test_spins_keep_their_length(pool, request):
    for relaxed in request.getfixturevalue(pool)[2]:
        lengths = np.linalg.norm(relaxed.spins.astype(float), axis=0)
        np.testing.assert_allclose(lengths, 1, atol=2e-6)


@pytest.mark.parametrize("pool", ["general", "coplanar"])
def test_energy_ends_below_its_start(pool, request, bonds):
    for start, parameters, relaxed in zip(*request.getfixturevalue(pool), strict=True):
        before, _ = in_double(start, bonds, parameters)
        after, _ = in_double(relaxed.spins, bonds, parameters)
        assert after < before
        assert relaxed.energy_mev == pytest.approx(after, rel=1e-12)


@pytest.mark.parametrize("pool", ["general", "coplanar"])
def test_converged_means_no_torque(pool, request, bonds, solver):
    _, parameters, results = request.getfixturevalue(pool)
    assert [relaxed.status for relaxed in results] == [CONVERGED] * len(results)
    for own, relaxed in zip(parameters, results, strict=True):
        _, largest = in_double(relaxed.spins, bonds, own)
        # float32 fields of up to 30 meV carry a rounding error of 2e-6 meV.
        assert largest < solver.torque_tolerance_mev + 1e-5
        assert relaxed.largest_torque_mev == pytest.approx(largest, abs=1e-5)


def test_both_geometries_find_the_same_minimum(general, coplanar):
    """From structured starts; from a random one, rounding may choose between two basins."""
    both = list(zip(coplanar[2], general[2], strict=False))[: len(NAMES)]
    assert {(flat.spins.shape[0], full.spins.shape[0]) for flat, full in both} == {(2, 3)}
    for flat, full in both:
        assert full.energy_mev == pytest.approx(flat.energy_mev, abs=1e-3)
        np.testing.assert_allclose(full.spins[1], 0, atol=1e-6)


def test_energy_falls_all_the_way(bonds, coplanar, solver):
    starts, own, _ = coplanar
    lanes = np.arange(16) % len(starts)
    first = np.moveaxis(starts[lanes], 0, -1).astype(np.float32)
    state = jax.jit(begin, static_argnums=1)(first, solver)
    parameters = Parameters(*jnp.asarray(own[lanes].T, jnp.float32))
    paths = []
    for _ in range(16):
        textures = np.array(state.spins)
        paths.append([in_double(textures[..., n], bonds, own[lanes[n]])[0] for n in range(9)])
        single = in_precision(bonds, jnp.float32)
        state = _advance_pool(state, single, parameters, solver=solver)
    assert np.diff(paths, axis=0).max() < 1e-4
    assert np.ptp(paths, axis=0).min() > 1


def test_displacement_turns_by_the_cayley_angle():
    generator = np.random.default_rng(0)
    spins = generator.standard_normal((3, 50))
    spins /= np.linalg.norm(spins, axis=0)
    step = 0.4 * np.cross(spins.T, generator.standard_normal((50, 3))).T
    turned = spins + np.asarray(displacement(spins, step))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=0), 1, atol=1e-14)
    angle = np.arccos(np.sum(spins * turned, axis=0))
    np.testing.assert_allclose(angle, 2 * np.arctan(np.linalg.norm(step, axis=0) / 2), atol=1e-9)


@pytest.mark.parametrize(("exchange", "anisotropy"), [(1.0, 0.3), (2.0, 0.2), (10.0, 0.01)])
def test_preconditioner_is_close_to_the_inverse(couplings, solver, exchange, anisotropy):
    """Within the bound of the Chebyshev iteration, 1 / T_(degree + 1)."""
    bonds = couplings(2)
    sites = len(bonds.neighbours)
    parameters = Parameters(jnp.asarray(exchange), jnp.asarray(anisotropy))
    applied = np.asarray(precondition(jnp.eye(sites), bonds, parameters, solver=solver))
    np.testing.assert_allclose(applied, applied.T, atol=1e-13)
    assert np.linalg.eigvalsh(applied).min() > 0

    adjacency = np.zeros((sites, sites))
    np.add.at(adjacency, (np.arange(sites)[:, None], np.asarray(bonds.neighbours)), 1)
    lowest = 2 * anisotropy + solver.preconditioner_shift_mev
    stiffness = exchange * (3 * np.eye(sites) - adjacency) + lowest * np.eye(sites)
    outside = (lowest + 3 * exchange) / (3 * exchange)
    bound = 1 / np.cosh((solver.preconditioner_degree + 1) * np.arccosh(outside))
    products = np.linalg.eigvals(applied @ stiffness).real
    assert np.abs(products - 1).max() < bound * (1 + 1e-9)
    assert np.abs(products - 1).max() > 0.9 * bound


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


def test_a_capped_relaxation_runs_out_of_steps(bonds, solver, flat_starts):
    few = solver._replace(max_steps=3, memory=1)
    result = relax_all(flat_starts[3:4], draw_sets(1), bonds, few)[0]
    assert (result.status, result.steps) == (OUT_OF_STEPS, 3)
    assert result.status != RUNNING
    assert np.isfinite(result.energy_mev)
    assert result.largest_torque_mev > few.torque_tolerance_mev


def test_neither_lanes_nor_order_change_a_result(couplings, solver):
    """At m = 8 a float32 sum over sites is long enough to depend on the number of lanes."""
    bonds = couplings(8)
    quick = solver._replace(memory=1, max_steps=120)
    starts = np.tile(structured_starts(bonds, NAMES), (17, 1, 1))
    parameters = draw_sets(len(starts), seed=5)
    expected = relax_all(starts, parameters, bonds, quick, 16)
    for lanes, order in ((32, 1), (48, -1), (4, 1)):
        results = relax_all(starts[::order], parameters[::order], bonds, quick, lanes)
        for mine, other in zip(expected, results[::order], strict=True):
            np.testing.assert_array_equal(mine.spins, other.spins)
            assert (mine.steps, mine.status) == (other.steps, other.status)
            assert mine.largest_torque_mev == other.largest_torque_mev
            assert mine.energy_mev == other.energy_mev


@pytest.mark.parametrize("m", [6, 8, 12])
def test_both_geometries_end_at_the_reference_solvers_energy(couplings, solver, m):
    """The reference relaxes angles in float64 with SciPy and shares no code with the engine."""
    bonds = couplings(m)
    starts = structured_starts(bonds, NAMES)
    parameters = np.array([[2.01, 0.22], [5.0, 0.05], [9.0, 0.02]])
    tasks = [(start, own) for own in parameters for start in starts]
    flat = relax_all([start for start, _ in tasks], np.repeat(parameters, 3, axis=0), bonds, solver)
    full = relax_all(
        [as_general(start) for start, _ in tasks], np.repeat(parameters, 3, axis=0), bonds, solver
    )
    for (start, own), coplanar, general in zip(tasks, flat, full, strict=True):
        expected, _, largest = reference_relax(
            start, bonds, exchange_mev=own[0], anisotropy_mev=own[1]
        )
        assert largest < 2e-4
        # A start that rolls off a ridge may reach another minimum: none of these does.
        assert coplanar.energy_mev == pytest.approx(expected, abs=2e-4)
        assert general.energy_mev == pytest.approx(expected, abs=2e-4)


def test_out_of_memory_halves_the_pool_and_loses_no_start(couplings, solver, monkeypatch, caplog):
    bonds = couplings(2)
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
    sites = [4 * (3 * m * m + 3 * m + 1) for m in range(8, 33)]
    rooms = [room_for(count) for count in sites]
    assert len(set(rooms)) == 13
    assert all(count <= room < 1.25 * count for count, room in zip(sites, rooms, strict=True))
    assert room_for(room_for(4)) == room_for(4) >= 4


def test_room_of_a_supercell_changes_no_result(couplings, solver, monkeypatch):
    """What is added to fill up a supercell takes no part, to the byte."""
    bonds = couplings(6)
    starts = structured_starts(bonds, NAMES)
    for each in (starts, [as_general(start) for start in starts]):
        close, wide = [], []
        for room, found in ((lambda sites: sites, close), (lambda sites: 2 * sites + 5, wide)):
            monkeypatch.setattr(pool_of_lanes, "room_for", room)
            found += relax_all(each, draw_sets(3), bonds, solver)
        for mine, other in zip(close, wide, strict=True):
            np.testing.assert_array_equal(mine.spins, other.spins)
            assert mine[2:] == other[2:]


def test_devices_change_no_result(couplings, solver, tmp_path):
    """Lanes spread over two devices, in a process that has them, as over two GPUs."""
    code = """
import sys
import numpy as np
from conftest import _couplings
from test_relaxation import NAMES, draw_sets, relax_all, structured_starts
from moirespin.solver.relaxation import Solver
import jax, yaml
assert jax.local_device_count() == int(sys.argv[1])
solver = Solver(**yaml.safe_load(open(sys.argv[2]))["relax"])
starts = np.tile(structured_starts(_couplings(8, 1.0), NAMES), (12, 1, 1))
found = relax_all(starts, draw_sets(len(starts), seed=5), _couplings(8, 1.0), solver, 32)
names = ("spins", "steps", "energy_mev")
np.savez(sys.argv[3], **{name: [getattr(x, name) for x in found] for name in names})
"""
    tests = Path(__file__).parents[1]
    folders = (
        tests,
        tests / "solver",
        *(tests.parent / name for name in ("workflow", "benchmarks")),
    )
    results = []
    for devices in ("1", "2"):
        out = tmp_path / f"{devices}.npz"
        environment = os.environ | {"JAX_NUM_CPU_DEVICES": devices, "JAX_ENABLE_X64": "1"}
        environment |= {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        command = [sys.executable, "-c", code, devices, str(tests.parent / "config.yaml"), out]
        subprocess.run(command, env=environment, check=True)
        results.append(np.load(out))
    for name in ("spins", "steps", "energy_mev"):
        np.testing.assert_array_equal(results[0][name], results[1][name])


def test_ferromagnet_is_stable_above_the_critical_anisotropy_only(couplings, solver):
    bonds = couplings(8)
    critical = 0.129832
    start = structured_starts(bonds, ("tilted",))[0]
    own = np.array([[2.0, critical + 0.005], [2.0, critical - 0.005]])
    above, below = relax_all([start, start], own, bonds, solver._replace(memory=1, max_steps=120))
    assert above.status == below.status == CONVERGED
    assert layer_magnetization(above.spins).min() > 1 - 1e-6
    assert layer_magnetization(below.spins).max() < 1 - 1e-3
    up = np.stack([np.zeros(len(start[0])), np.ones(len(start[0]))])
    assert above.energy_mev == pytest.approx(in_double(up, bonds, own[0])[0], abs=1e-4)
    assert below.energy_mev < in_double(up, bonds, own[1])[0] - 1e-3


@pytest.fixture(scope="module")
def noncollinear(couplings, solver):
    """The three relaxed structured starts at m = 16, J = 2, D = 0.2 meV."""
    bonds = couplings(16)
    starts = structured_starts(bonds, NAMES)
    return relax_all(starts, np.tile([2.0, 0.2], (3, 1)), bonds, solver)


def test_known_ground_state(noncollinear):
    best = min(noncollinear, key=lambda relaxed: relaxed.energy_mev)
    assert best.energy_mev == pytest.approx(-10473.472499, abs=1e-3)
    np.testing.assert_allclose(layer_magnetization(best.spins), 0.97294, atol=2e-5)


def test_known_ground_state_is_stable_in_and_out_of_its_plane(noncollinear, couplings):
    """No small tilt lowers the energy, and turning all spins about z costs nothing."""
    bonds = couplings(16)
    best = min(noncollinear, key=lambda relaxed: relaxed.energy_mev)
    sites = len(bonds.neighbours)

    def matrix(columns, values):
        rows = np.repeat(np.arange(sites), columns.shape[1])
        entries = (np.asarray(values).ravel(), (rows, np.asarray(columns).ravel()))
        return scipy.sparse.csr_matrix(entries, shape=(sites, sites))

    heisenberg = 2.0 * matrix(bonds.neighbours, np.ones((sites, 3)))
    heisenberg -= matrix(bonds.partners, bonds.interlayer)
    x, z = best.spins.astype(float) / np.linalg.norm(best.spins.astype(float), axis=0)
    along = x * (heisenberg @ x) + z * (heisenberg @ z) + 2 * 0.2 * z**2
    out_of_plane = scipy.sparse.diags(along) - heisenberg
    across = [scipy.sparse.diags(part) for part in (z, -x)]
    in_plane = scipy.sparse.diags(along - 2 * 0.2 * x**2)
    in_plane = in_plane - sum(part @ heisenberg @ part for part in across)

    def lowest(stiffness):
        start = np.random.default_rng(0).standard_normal(sites)
        return scipy.sparse.linalg.eigsh(
            stiffness.tocsc(), k=1, sigma=-0.5, v0=start, return_eigenvectors=False
        )[0]

    np.testing.assert_allclose(out_of_plane @ x, 0, atol=2e-4)
    assert lowest(out_of_plane) == pytest.approx(0, abs=1e-4)
    assert lowest(in_plane) > 1e-3
