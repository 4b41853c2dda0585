"""Relaxation: what it promises, on small bilayers."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from reference import relax as reference_relax

from moirespin.physics.hamiltonian import Parameters, effective_field, energy
from moirespin.solver import batch as pool_of_lanes
from moirespin.solver.relaxation import (
    CONVERGED,
    OUT_OF_STEPS,
    RUNNING,
    displacement,
    precondition,
)
from moirespin.states.ground_state import as_general, layer_magnetization, structured_starts
from moirespin.states.sweep import draw_directions
from small_relaxations import NAMES, SMALL, draw_sets, relax_all

# Each geometry has programs of its own, which take seconds to compile.
POOLS = [pytest.param("general", marks=pytest.mark.slow), "coplanar"]


def in_double(spins, couplings, parameters_mev):
    """Return the energy and the largest torque |S x h| in float64, by NumPy's cross product."""
    spins = as_general(spins).astype(float)
    spins = spins / np.linalg.norm(spins, axis=0)
    parameters = Parameters(*map(jnp.asarray, parameters_mev))
    field = np.asarray(effective_field(spins, couplings, parameters))
    torques = np.linalg.norm(np.cross(spins.T, field.T), axis=1)
    return float(energy(spins, couplings, parameters)), torques.max()


@pytest.fixture(scope="module")
def general(bonds, solver, flat_starts):
    """Starts, parameters and results: nine of the plane, embedded, and 15 random in 3-D."""
    sites = len(bonds.neighbours)
    starts = [as_general(start) for start in flat_starts]
    starts += [draw_directions(1, SMALL, 0, start=number, sites=sites) for number in range(15)]
    parameters = draw_sets(len(starts))
    return starts, parameters, relax_all(starts, parameters, bonds, solver)


@pytest.mark.parametrize("pool", POOLS)
def test_spins_keep_their_length(pool, request):
    for relaxed in request.getfixturevalue(pool)[2]:
        lengths = np.linalg.norm(relaxed.spins.astype(float), axis=0)
        np.testing.assert_allclose(lengths, 1, atol=2e-6)


@pytest.mark.parametrize("pool", POOLS)
def test_energy_ends_below_its_start(pool, request, bonds):
    for start, parameters, relaxed in zip(*request.getfixturevalue(pool), strict=True):
        before, _ = in_double(start, bonds, parameters)
        after, _ = in_double(relaxed.spins, bonds, parameters)
        assert after < before
        assert relaxed.energy_mev == pytest.approx(after, rel=1e-12)


@pytest.mark.parametrize("pool", POOLS)
def test_converged_means_no_torque(pool, request, bonds, solver):
    _, parameters, results = request.getfixturevalue(pool)
    assert [relaxed.status for relaxed in results] == [CONVERGED] * len(results)
    for own, relaxed in zip(parameters, results, strict=True):
        _, largest = in_double(relaxed.spins, bonds, own)
        # float32 fields of up to 30 meV carry a rounding error of 2e-6 meV.
        assert largest < solver.torque_tolerance_mev + 1e-5
        assert relaxed.largest_torque_mev == pytest.approx(largest, abs=1e-5)


@pytest.mark.slow
def test_both_geometries_find_the_same_minimum(general, coplanar):
    """From structured starts; from a random one, rounding may choose between two basins."""
    both = list(zip(coplanar[2], general[2], strict=False))[: len(NAMES)]
    assert {(flat.spins.shape[0], full.spins.shape[0]) for flat, full in both} == {(2, 3)}
    for flat, full in both:
        assert full.energy_mev == pytest.approx(flat.energy_mev, abs=1e-3)
        np.testing.assert_allclose(full.spins[1], 0, atol=1e-6)


def test_energy_falls_all_the_way(bonds, coplanar, solver, monkeypatch):
    starts, parameters, _ = coplanar
    advance, seen = pool_of_lanes._advance_pool, []

    def watch(state, *rest, **solver):
        seen.append(np.array(state.spins))
        return advance(state, *rest, **solver)

    monkeypatch.setattr(pool_of_lanes, "_advance_pool", watch)
    relax_all(starts, parameters, bonds, solver)
    # There are more lanes than starts, which enter in the order of their exchange.
    own = parameters[np.argsort(parameters[:, 0], kind="stable")]
    sites = len(bonds.neighbours)
    paths = [
        [in_double(textures[:, :sites, n], bonds, own[n])[0] for n in range(len(own))]
        for textures in seen
    ]
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


@pytest.mark.slow
def test_a_capped_relaxation_runs_out_of_steps(bonds, solver, flat_starts):
    few = solver._replace(max_steps=3, memory=1)
    result = relax_all(flat_starts[3:4], draw_sets(1), bonds, few)[0]
    assert (result.status, result.steps) == (OUT_OF_STEPS, 3)
    assert result.status != RUNNING
    assert np.isfinite(result.energy_mev)
    assert result.largest_torque_mev > few.torque_tolerance_mev


@pytest.mark.slow
@pytest.mark.parametrize("m", [SMALL, 12])
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_known_ground_state(noncollinear):
    best = min(noncollinear, key=lambda relaxed: relaxed.energy_mev)
    assert best.energy_mev == pytest.approx(-10473.472499, abs=1e-3)
    np.testing.assert_allclose(layer_magnetization(best.spins), 0.97294, atol=2e-5)


@pytest.mark.slow
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
