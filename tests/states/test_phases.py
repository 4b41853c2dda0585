"""Order parameters, classification and the two phase lines."""

import numpy as np
import pytest

from moirespin.solver.batch import Relaxed
from moirespin.solver.relaxation import CONVERGED
from moirespin.states import phases
from moirespin.states.ground_state import Search, find_ground_states, layer_magnetization
from moirespin.states.phases import (
    DOMAIN,
    FERROMAGNETIC,
    NONCOLLINEAR,
    UNDETERMINED,
    Thresholds,
    classify,
    critical_anisotropy,
    domain_line,
    order_parameters,
    stability_matrices,
)

THRESHOLDS = Thresholds(0.9999, 0.05)


def test_order_parameters_ignore_signs():
    average, difference = order_parameters(np.array([[1.0, -0.5], [-0.2, -0.4]]))
    np.testing.assert_allclose(average, [0.75, 0.3])
    np.testing.assert_allclose(difference, [0.5, 0.2])


@pytest.mark.parametrize(
    ("top", "bottom", "phase"),
    [
        (1.0, 1.0, FERROMAGNETIC),
        (-1.0, 0.99995, FERROMAGNETIC),
        (0.97, 0.97, NONCOLLINEAR),
        (0.99995, 0.998, NONCOLLINEAR),
        (0.90, 0.86, NONCOLLINEAR),
        (0.90, 0.84, DOMAIN),
        (0.3, -1.0, DOMAIN),
        (-0.9, 0.9, NONCOLLINEAR),
        (np.nan, np.nan, UNDETERMINED),
    ],
)
def test_classify(top, bottom, phase):
    assert classify(np.array([top, bottom]), THRESHOLDS) == phase


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


def test_domain_line_lies_where_the_ground_state_changes(model, couplings, solver):
    """One line at m = 16: the phase found by the search, a little to either side of it."""
    bonds = couplings(16)
    anisotropy = np.array([0.1, 0.2, 0.3])
    line = domain_line(bonds, anisotropy, (0.4, 4.0), THRESHOLDS, solver, 6, 16)
    assert np.isfinite(line).all()
    beside = np.concatenate([0.98 * line, 1.02 * line])
    parameters = np.stack([beside, np.tile(anisotropy, 2)], axis=1)
    search = Search(("tilted", "noncollinear", "domain"), 0, 0.01)
    states = find_ground_states(model(16)[0], bonds, parameters, None, search, solver, 16)
    found = classify(np.array([layer_magnetization(x.T) for x in states.spins]), THRESHOLDS)
    np.testing.assert_array_equal(found[:3], DOMAIN)
    assert np.all(found[3:] != DOMAIN)


def test_domains_reached_from_the_tilted_start_are_domains(couplings, solver, monkeypatch):
    """At small J it ends in a better domain state; the crossing at J = 3 must still be found."""
    half = len(couplings(3).neighbours) // 2
    up, down = np.ones(half), np.zeros(half)
    uniform, domains = (np.stack([0 * z, z]) for z in (np.r_[up, up], np.r_[down, up]))

    def relax_many(_, parameters_mev, *__):
        for task, (exchange, _) in enumerate(parameters_mev):
            from_tilted, caught = task % 2 == 1, exchange < 2
            spins = domains if caught or not from_tilted else uniform
            energy = 0.0 if spins is uniform else exchange - 3 - 0.7 * from_tilted
            row = (task, spins, energy, 1, 0.0, CONVERGED)
            yield Relaxed(*(np.array([value]) for value in row))

    monkeypatch.setattr(phases, "relax_many", relax_many)
    line = domain_line(couplings(3), np.array([0.3]), (1.0, 9.0), THRESHOLDS, solver, 8, 16)
    assert line[0] == pytest.approx(3, abs=0.01)


def test_no_line_where_one_side_always_wins(couplings, solver):
    line = domain_line(couplings(16), np.array([0.2]), (6.0, 9.0), THRESHOLDS, solver, 2, 16)
    assert np.isnan(line).all()
