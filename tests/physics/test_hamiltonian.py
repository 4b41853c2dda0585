"""Energy and field against an explicit sum over pairs, derivatives and symmetries."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.physics.hamiltonian import (
    Parameters,
    bonded_sites,
    effective_field,
    energy,
    energy_change,
    in_precision,
    slope_by_intralayer,
    with_room,
)
from moirespin.physics.lattice import rotation, symmetry_maps

M = 3
PARAMETERS = Parameters(2.3, 0.17)


def random_spins(sites, components=3, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((components, sites))
    return vectors / np.linalg.norm(vectors, axis=0)


@pytest.fixture
def spins(model):
    return random_spins(model(M)[0].sites)


@pytest.fixture
def bonds(couplings):
    return couplings(M)


def brute_force_energy(bilayer, config, spins, exchange_mev, anisotropy_mev):
    """Eq. (1) in a double loop over all sites and the 25 supercells around, J_perp written out."""
    steps = np.arange(-2, 3)
    shifts = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) @ bilayer.supercell
    positions = bilayer.positions.reshape(-1, 2)
    half = bilayer.sites // 2
    numbers = config["interlayer"]["c3z"]
    spacing = config["lattice"]["layer_spacing_nm"]
    bond = config["lattice"]["lattice_constant_nm"] / np.sqrt(3)
    turns = [rotation(angle) for angle in (0, 2 * np.pi / 3, -2 * np.pi / 3)]

    def interlayer(apart):
        distance = np.sqrt(apart @ apart + spacing**2)
        if distance > config["interlayer"]["cutoff_nm"]:
            return 0.0
        sines = sum(np.sin(turn @ numbers["sine_wavevector_per_nm"] @ apart) for turn in turns)
        cosines = sum(np.cos(turn @ numbers["cosine_wavevector_per_nm"] @ apart) for turn in turns)
        away = abs(distance - numbers["oscillating_distance_nm"])
        near = abs(distance - numbers["direct_distance_nm"]) / numbers["direct_decay_nm"]
        return (
            numbers["direct_mev"] * np.exp(-near)
            + numbers["sine_mev"] * np.exp(-away / numbers["sine_decay_nm"]) * sines
            + numbers["cosine_mev"] * np.exp(-away / numbers["cosine_decay_nm"]) * cosines
        )

    total = -anisotropy_mev * np.sum(spins[2] ** 2)
    for i in range(bilayer.sites):
        for j in range(i + 1, bilayer.sites):
            product = spins[:, i] @ spins[:, j]
            apart = positions[i] - positions[j] - shifts
            if (i < half) == (j < half):
                nearest = np.abs(np.linalg.norm(apart, axis=1) - bond) < 1e-6
                total -= exchange_mev * product * nearest.sum()
            else:
                close = apart[np.linalg.norm(apart, axis=1) < 1]
                total += product * sum(interlayer(vector) for vector in close)
    return total


def test_energy_is_the_sum_over_all_pairs(model, bonds, config, spins):
    expected = brute_force_energy(model(M)[0], config, spins, *map(float, PARAMETERS))
    assert float(energy(spins, bonds, PARAMETERS)) == pytest.approx(expected, rel=1e-10)


def test_energy_of_the_ferromagnet(model, couplings):
    up = np.zeros((3, model(8)[0].sites))
    up[2] = 1
    value = energy(up, couplings(8), Parameters(jnp.asarray(2.0), jnp.asarray(0.1)))
    assert float(value) == pytest.approx(-2693.827692, abs=1e-6)


def test_field_is_minus_the_gradient(bonds, spins):
    field = effective_field(spins, bonds, PARAMETERS)
    gradient = jax.jit(jax.grad(energy))(jnp.asarray(spins), bonds, PARAMETERS)
    np.testing.assert_allclose(field, -gradient, atol=1e-12)


def test_field_is_minus_the_finite_difference(bonds, spins):
    field = effective_field(spins, bonds, PARAMETERS)
    for place in ((0, 5), (1, 60), (2, 100), (2, 3)):
        ends = []
        for step in (1e-4, -1e-4):
            moved = spins.copy()
            moved[place] += step
            ends.append(float(energy(moved, bonds, PARAMETERS)))
        assert float(field[place]) == pytest.approx(-(ends[0] - ends[1]) / 2e-4, abs=1e-7)


def test_slope_by_intralayer_is_that_of_the_energy(bonds, spins):
    ends = [energy(spins, bonds, Parameters(exchange, 0.17)) for exchange in (2.0, 3.0)]
    assert slope_by_intralayer(spins, bonds) == pytest.approx(ends[1] - ends[0], rel=1e-12)


@pytest.mark.parametrize("size", [1.0, 1e-3])
def test_energy_change_is_the_difference(bonds, spins, size):
    moved = spins + size * random_spins(spins.shape[1], seed=1)
    old, new = (effective_field(x, bonds, PARAMETERS) for x in (spins, moved))
    expected = energy(moved, bonds, PARAMETERS) - energy(spins, bonds, PARAMETERS)
    change = energy_change(jnp.asarray(moved - spins), old, new)
    assert float(change) == pytest.approx(float(expected), rel=1e-9)


def test_energy_change_survives_single_precision(bonds, spins):
    """Where the difference of two float32 totals would have no correct digit."""
    shift = 1e-5 * random_spins(spins.shape[1], seed=1)
    fields = [effective_field(x, bonds, PARAMETERS) for x in (spins, spins + shift)]
    exact = float(energy_change(jnp.asarray(shift), *fields))
    single = energy_change(*(jnp.asarray(x, jnp.float32) for x in (shift, *fields)))
    assert single.dtype == jnp.float32
    assert float(single) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("name", ["three_fold", "layer_swap"])
def test_space_symmetries_keep_the_energy(model, bonds, spins, name):
    carried = symmetry_maps(model(M)[0])[name]
    moved = np.empty_like(spins)
    moved[:, carried] = spins
    before, after = (float(energy(x, bonds, PARAMETERS)) for x in (spins, moved))
    assert after == pytest.approx(before, rel=1e-12)


def test_spin_symmetries_keep_the_energy(bonds, spins):
    before = float(energy(spins, bonds, PARAMETERS))
    turn = np.eye(3)
    turn[:2, :2] = rotation(0.7)
    for moved in (-spins, turn @ spins, spins * np.array([1, -1, 1])[:, None]):
        assert float(energy(moved, bonds, PARAMETERS)) == pytest.approx(before, rel=1e-12)
    tipped = spins[[2, 0, 1]]
    assert abs(float(energy(tipped, bonds, PARAMETERS)) - before) > 1e-3


def test_coplanar_agrees_with_general(bonds, spins):
    flat = random_spins(spins.shape[1], components=2)
    general = np.stack([flat[0], np.zeros_like(flat[0]), flat[1]])
    assert float(energy(flat, bonds, PARAMETERS)) == pytest.approx(
        float(energy(general, bonds, PARAMETERS)), rel=1e-13
    )
    fields = [effective_field(x, bonds, PARAMETERS) for x in (flat, general)]
    np.testing.assert_allclose(fields[0], fields[1][jnp.array([0, 2])], atol=1e-13)


def test_lanes_agree_with_one_by_one(bonds, spins):
    textures = [random_spins(spins.shape[1], seed=seed) for seed in range(4)]
    exchange, anisotropy = jnp.array([1.0, 2, 5, 9]), jnp.array([0.3, 0.2, 0.05, 0.01])
    together = np.stack(textures, axis=-1)
    parameters = Parameters(exchange, anisotropy)
    fields = effective_field(together, bonds, parameters)
    energies = energy(together, bonds, parameters)
    for lane, texture in enumerate(textures):
        own = Parameters(exchange[lane], anisotropy[lane])
        field = effective_field(texture, bonds, own)
        np.testing.assert_allclose(fields[..., lane], field, atol=1e-12)
        assert float(energies[lane]) == pytest.approx(float(energy(texture, bonds, own)))


def test_precision_of_bonds(bonds):
    single = in_precision(bonds, np.float32)
    assert single.interlayer.dtype == np.float32
    assert single.neighbours.dtype == single.partners.dtype == np.int32
    assert bonds.interlayer.dtype == np.float64


def test_added_sites_and_partners_take_no_part(bonds, spins):
    sites, partners = bonds.partners.shape
    roomy = with_room(bonds, sites=sites + 9, partner_multiple=partners + 2)
    assert [x.shape for x in roomy] == [(sites + 9, 3), *[(sites + 9, partners + 2)] * 2]
    assert bonded_sites(bonds) == bonded_sites(roomy) == sites
    filled = np.pad(spins, ((0, 0), (0, 9)))
    field = effective_field(filled, roomy, PARAMETERS)
    np.testing.assert_array_equal(field[:, :sites], effective_field(spins, bonds, PARAMETERS))
    np.testing.assert_array_equal(field[:, sites:], 0)
    # What is there instead of zeros must not reach the others either.
    filled[:, sites:] = 7.0
    field = effective_field(filled, roomy, PARAMETERS)
    np.testing.assert_array_equal(field[:, :sites], effective_field(spins, bonds, PARAMETERS))


def test_library_of_the_spins_computes(bonds, spins):
    here, there = (effective_field(x, bonds, PARAMETERS) for x in (spins, jnp.asarray(spins)))
    assert isinstance(here, np.ndarray)
    assert isinstance(there, jax.Array)
    np.testing.assert_allclose(here, there, rtol=1e-12)
