"""Starts, selection and the canonical representative."""

import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.physics.hamiltonian import Parameters, energy
from moirespin.physics.lattice import rotation, symmetry_maps
from moirespin.solver.batch import Relaxed
from moirespin.solver.relaxation import CONVERGED, NOT_FINITE
from moirespin.states import ground_state
from moirespin.states.ground_state import (
    STRUCTURED_STARTS,
    Search,
    as_general,
    canonical,
    find_ground_states,
    layer_magnetization,
    patch_profile,
    select,
    structured_starts,
)
from moirespin.states.sweep import draw_directions

M, SCALE = 5, 3.0


@pytest.fixture(scope="module")
def swap(model):
    return symmetry_maps(model(M)[0])["layer_swap"]


@pytest.fixture(scope="module")
def domain_state(couplings):
    """A domain start, which has its patches in the top layer and leans along +x there."""
    return as_general(structured_starts(couplings(M, SCALE), ("domain",))[0])


def carried(spins, layer_swap):
    moved = np.empty_like(spins)
    moved[:, layer_swap] = spins
    return moved


@pytest.mark.parametrize(
    ("energies", "winner", "gap"),
    [
        ([-1.0, -5.0, -3.0], 1, 2.0),
        ([-4.995, -5.0, -3.0], 0, 1.995),
        ([-4.98, -5.0, -5.001], 1, 0.02),
        ([np.nan, -5.0, -3.0], 1, 2.0),
        ([-5.0, -5.0, np.nan], 0, np.nan),
        ([np.inf, -5.0], 1, np.nan),
        ([np.nan, np.nan], -1, np.nan),
    ],
)
def test_select(energies, winner, gap):
    found, distance = select(np.array(energies), 0.01)
    assert found == winner
    assert distance == pytest.approx(gap, nan_ok=True)


def test_starts_are_unit_textures_in_the_order_asked_for(couplings):
    bonds = couplings(8)
    starts = structured_starts(bonds, STRUCTURED_STARTS)
    np.testing.assert_allclose(np.linalg.norm(starts, axis=1), 1, atol=1e-14)
    domain, tilted = structured_starts(bonds, ("domain", "tilted"))
    np.testing.assert_array_equal(tilted, starts[0])
    np.testing.assert_array_equal(domain, starts[2])
    assert layer_magnetization(tilted) == pytest.approx(np.cos(0.1))
    top, bottom = layer_magnetization(domain)
    assert top < 0.6 < bottom


def test_patches_cover_the_antiferromagnetic_part(model, couplings):
    """25 per cent of the moire cell, the same in both layers, with three-fold symmetry."""
    profile = patch_profile(couplings(16))
    assert 0 <= profile.min() < 1e-3
    assert 0.9 < profile.max() <= 1
    assert profile.mean() == pytest.approx(0.25, abs=0.03)
    for permuted in symmetry_maps(model(16)[0]).values():
        np.testing.assert_allclose(profile[permuted], profile, atol=1e-12)


@pytest.mark.parametrize("flip", [1, -1])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("turn", [0.0, 0.7, np.pi])
def test_degenerate_copies_have_one_representative(domain_state, swap, flip, swapped, turn):
    expected = canonical(domain_state, swap)
    full = np.eye(3)
    full[:2, :2] = rotation(turn)
    copy = flip * (full @ (carried(domain_state, swap) if swapped else domain_state))
    found = canonical(copy, swap)
    mirrored = expected * np.array([1, -1, 1])[:, None]
    np.testing.assert_allclose(found[2], expected[2], atol=1e-12)
    assert min(np.abs(found - x).max() for x in (expected, mirrored)) < 1e-12
    np.testing.assert_allclose(canonical(found, swap), found, atol=1e-12)


def test_representative_is_up_with_domains_on_top(domain_state, swap, couplings):
    copy = -carried(domain_state, swap)
    found = canonical(copy, swap)
    top, bottom = layer_magnetization(found)
    assert top < bottom
    assert top + bottom > 0
    in_plane = found[:2, : found.shape[1] // 2].mean(axis=1)
    assert in_plane[0] > 0.05
    assert in_plane[1] == pytest.approx(0, abs=1e-12)
    parameters = Parameters(jnp.asarray(2.0), jnp.asarray(0.2))
    energies = [float(energy(x, couplings(M, SCALE), parameters)) for x in (copy, found)]
    assert energies[0] == pytest.approx(energies[1], rel=1e-12)


def test_random_starts_do_not_depend_on_what_was_drawn_before():
    forward = [draw_directions(7, M, 3, start=start, sites=40) for start in range(4)]
    backward = [draw_directions(7, M, 3, start=start, sites=40) for start in reversed(range(4))][
        ::-1
    ]
    np.testing.assert_array_equal(forward, backward)
    assert len(np.unique(np.stack(forward), axis=0)) == 4
    np.testing.assert_allclose(np.linalg.norm(forward, axis=1), 1, atol=1e-6)


@pytest.fixture(scope="module")
def found(model, couplings, solver):
    """Ground states of four sets, the second of which has no finite parameters."""
    bilayer = model(M)[0]
    parameters = np.array([[2.0, 0.2], [np.nan, 0.2], [8.0, 0.3], [1.2, 0.1]])
    search = Search(STRUCTURED_STARTS, 2, 0.01)

    def random_start(number, start):
        return draw_directions(1, M, number, start=start, sites=bilayer.sites)

    bonds = couplings(M, SCALE)
    return find_ground_states(
        bilayer,
        bonds,
        parameters,
        random_start=random_start,
        search=search,
        solver=solver,
        lanes=16,
    )


@pytest.mark.slow
def test_a_set_without_a_finite_start_has_no_winner(found):
    assert found.winner[1] == -1
    assert np.isnan(found.energy_mev[1])
    assert np.isnan(found.gap_mev[1])
    assert np.isnan(found.spins[1]).all()
    assert found.status[1] == NOT_FINITE
    assert np.all(found.start_status[1] == NOT_FINITE)


@pytest.mark.slow
def test_winner_has_the_lowest_energy_of_all_starts(found, couplings):
    for row in (0, 2, 3):
        assert found.start_energy_mev.shape == (4, 5)
        winner = found.winner[row]
        lowest = found.start_energy_mev[row].min()
        assert found.energy_mev[row] == found.start_energy_mev[row, winner]
        assert lowest <= found.energy_mev[row] <= lowest + 0.01
        assert found.status[row] == CONVERGED
        assert found.steps[row] == found.start_steps[row, winner] > 1


@pytest.mark.slow
def test_stored_texture_has_the_stored_energy_and_is_canonical(found, couplings, swap):
    parameters = [(2.0, 0.2), None, (8.0, 0.3), (1.2, 0.1)]
    for row in (0, 2, 3):
        spins = found.spins[row].T
        own = Parameters(*map(jnp.asarray, parameters[row]))
        value = float(energy(spins.astype(float), couplings(M, SCALE), own))
        assert value == pytest.approx(found.energy_mev[row], abs=1e-3)
        np.testing.assert_allclose(canonical(spins, swap), spins, atol=1e-5)


@pytest.mark.slow
def test_of_degenerate_states_the_symmetric_one_wins(
    model, couplings, domain_state, monkeypatch, solver
):
    """The first start ends with a domain missing, a hair below the second, symmetric one."""
    bilayer = model(M)[0]
    angles = np.arctan2(*bilayer.positions.reshape(-1, 2).T)
    lost = domain_state.copy()
    lost[:, (angles > 0) & (angles < 2)] = np.array([0.0, 0.0, 1.0])[:, None]
    flat = [spins[[0, 2]].astype(np.float32) for spins in (lost, domain_state)]

    def relaxed_to(energies):
        columns = (energies, [9, 9], [1e-5, 1e-5], [CONVERGED, CONVERGED])
        results = [Relaxed(np.arange(2), np.stack(flat), *map(np.array, columns))]
        monkeypatch.setattr(
            ground_state,
            "relax_many",
            lambda _, parameters, *__, **___: results if len(parameters) else [],
        )
        search = Search(("tilted", "domain"), 0, 0.01)
        own = bilayer, couplings(M, SCALE), np.array([[2.0, 0.2]])
        rest = {"random_start": None, "search": search, "solver": solver, "lanes": 16}
        return find_ground_states(*own, **rest)

    close = relaxed_to([-50.005, -50.0])
    assert close.winner[0] == 1
    assert close.energy_mev[0] == -50.0
    assert np.isnan(close.gap_mev[0])
    apart = relaxed_to([-50.02, -50.0])
    assert apart.winner[0] == 0
    assert apart.gap_mev[0] == pytest.approx(0.02)


def test_names_follow_the_start_axis():
    assert Search(("tilted",), 2, 0.01).names == ["tilted", "random 0", "random 1"]
