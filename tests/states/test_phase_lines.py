"""The two phase lines."""

import numpy as np
import pytest

from moirespin.solver.batch import Relaxed
from moirespin.solver.relaxation import CONVERGED
from moirespin.states import phase_lines
from moirespin.states.ground_state import Search, find_ground_states, layer_magnetization
from moirespin.states.phase_lines import critical_anisotropy, domain_line, stability_matrices
from moirespin.states.phases import DOMAIN, Thresholds, classify

THRESHOLDS = Thresholds(0.9999, 0.05)
# One size, whose programs take seconds to compile.
M = 10


def test_critical_anisotropy_of_the_largest_angle(couplings):
    assert critical_anisotropy(couplings(8), [2.0])[0] == pytest.approx(0.129832, abs=1e-6)


def test_critical_anisotropy_is_the_lowest_eigenvalue(couplings):
    laplacian, potential = stability_matrices(couplings(3))
    np.testing.assert_allclose(laplacian.toarray(), laplacian.toarray().T)
    np.testing.assert_allclose(laplacian.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(potential.sum(axis=1), 0, atol=1e-12)
    exchange = np.array([1.0, 4.0, 10.0])
    dense = [np.linalg.eigvalsh((j * laplacian + potential).toarray())[0] for j in exchange]
    found = critical_anisotropy(couplings(3), exchange)
    np.testing.assert_allclose(found, -0.5 * np.array(dense), atol=1e-10)


def test_energies_scale_together(couplings):
    """lambda H(J / lambda, D / lambda; 1): a fitted scale moves the line, not its shape."""
    line = critical_anisotropy(couplings(5, 1.0), [2.0])
    np.testing.assert_allclose(critical_anisotropy(couplings(5, 1.5), [3.0]), 1.5 * line)


@pytest.mark.slow
def test_domain_line_lies_where_the_ground_state_changes(model, couplings, solver):
    """One line: the phase found by the search, half a per cent to either side of it."""
    bonds = couplings(M)
    anisotropy = np.array([0.1, 0.2, 0.3])
    line = domain_line(
        bonds,
        anisotropy_mev=anisotropy,
        exchange_mev=(0.3, 3.0),
        thresholds=THRESHOLDS,
        solver=solver,
        rounds=10,
        lanes=16,
    )
    assert np.isfinite(line).all()
    beside = np.concatenate([0.995 * line, 1.005 * line])
    parameters = np.stack([beside, np.tile(anisotropy, 2)], axis=1)
    search = Search(("tilted", "noncollinear", "domain"), 0, 0.0)
    states = find_ground_states(
        model(M)[0], bonds, parameters, random_start=None, search=search, solver=solver, lanes=16
    )
    found = classify(np.array([layer_magnetization(x.T) for x in states.spins]), THRESHOLDS)
    np.testing.assert_array_equal(found[:3], DOMAIN)
    assert np.all(found[3:] != DOMAIN)


@pytest.mark.slow
def test_domain_line_does_not_depend_on_where_the_search_begins(couplings, solver):
    bonds, anisotropy = couplings(M), np.array([0.1, 0.25])
    lines = [
        domain_line(
            bonds,
            anisotropy_mev=anisotropy,
            exchange_mev=ends,
            thresholds=THRESHOLDS,
            solver=solver,
            rounds=12,
            lanes=16,
        )
        for ends in ((0.3, 3.0), (0.5, 9.0))
    ]
    np.testing.assert_allclose(*lines, atol=0.005)


@pytest.fixture
def two_levels(couplings, monkeypatch):
    """A relaxation that knows two states, whose energies cross at J = 3 meV."""
    half = len(couplings(3).neighbours) // 2
    up, none = np.ones(half), np.zeros(half)
    uniform, domains = (np.stack([0 * z, z]) for z in (np.r_[up, up], np.r_[none, up]))

    def relax_many(start_of, parameters_mev, *_, **__):
        for task, (exchange, _) in enumerate(parameters_mev):
            # At small J every start ends in domains, at large J none does.
            top = start_of(task)[-1, :half].mean()
            caught = exchange < 2 or (top < 0.9 and exchange < 5)
            spins = domains if caught else uniform
            bonds = 1.5 * half if caught else 3.0 * half
            energy_mev = -exchange * bonds - 4.5 * half * caught
            row = (task, spins, energy_mev, 1, 0.0, CONVERGED)
            yield Relaxed(*(np.array([value]) for value in row))

    monkeypatch.setattr(phase_lines, "relax_many", relax_many)


@pytest.mark.parametrize("ends", [(1.0, 9.0), (0.1, 4.0), (2.9, 30.0)])
def test_crossing_is_found_where_a_branch_is_missing(two_levels, couplings, solver, ends):
    line = domain_line(
        couplings(3),
        anisotropy_mev=np.array([0.3]),
        exchange_mev=ends,
        thresholds=THRESHOLDS,
        solver=solver,
        rounds=8,
        lanes=16,
    )
    assert line[0] == pytest.approx(3, abs=1e-6)


@pytest.mark.slow
def test_no_line_where_one_side_always_wins(couplings, solver):
    for ends in ((3.0, 9.0), (0.2, 0.3)):
        line = domain_line(
            couplings(M),
            anisotropy_mev=np.array([0.2]),
            exchange_mev=ends,
            thresholds=THRESHOLDS,
            solver=solver,
            rounds=4,
            lanes=16,
        )
        assert np.isnan(line).all()
