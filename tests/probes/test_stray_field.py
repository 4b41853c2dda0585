"""The stray field against a sum over dipoles, Maxwell's equations and the closed attenuation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.physics.lattice import build_bilayer
from moirespin.probes import stray_field, waves
from moirespin.probes.waves import PlaneWaves

LATTICE = {"lattice_constant_nm": 0.6867, "layer_spacing_nm": 0.67}
MAGNET = stray_field.sheets(stray_field.Moment(1.5, g_factor=2.0), **LATTICE)


@pytest.fixture(scope="module")
def texture():
    """Random spins of every component on the first two shells, with a mean."""
    wavevectors = waves.moire_wavevectors(build_bilayer(8, **LATTICE).supercell, 1.5)
    draws = np.random.default_rng(5).standard_normal((2, 2, 3, len(wavevectors)))
    amplitudes = draws[0] + 1j * draws[1]
    amplitudes[..., 0] = 0
    return PlaneWaves(jnp.asarray(wavevectors), jnp.asarray(amplitudes))


@jax.jit
def field(texture, point):
    """Return (B_x, B_y, B_z) at a point (x, y, height), in uT."""
    found = stray_field.field_waves(texture, MAGNET, point[2])
    return waves.at_points(texture.wavevectors, found, point[None, :2])[:, 0]


def dipole_sum(texture, point, radius_nm):
    """Return the field of the moments at the Cr sites around a point, fading towards the edge."""
    total = np.zeros(3)
    primitive = LATTICE["lattice_constant_nm"] * np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    reach = int(1.2 * radius_nm / LATTICE["lattice_constant_nm"]) + 2
    cells = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2), axis=-1).reshape(-1, 2)
    for layer, depth in enumerate([0.0, LATTICE["layer_spacing_nm"]]):
        for basis in (1 / 3, 2 / 3):
            sites = (cells + basis) @ primitive
            apart = np.column_stack([point[:2] - sites, np.full(len(sites), point[2] + depth)])
            distance = np.linalg.norm(apart[:, :2], axis=1)
            near = distance < radius_nm
            sites, apart, distance = sites[near], apart[near], distance[near]
            # Whole near the point, so that the fading disturbs far moments only.
            fade = np.cos(0.5 * np.pi * np.clip(2 * distance / radius_nm - 1, 0, 1)) ** 2
            amplitudes = texture.amplitudes[layer]
            spins = np.asarray(waves.at_points(texture.wavevectors, amplitudes, sites)).T
            moments = 2.0 * stray_field.BOHR_MAGNETON_A_M2 * 1.5 * spins * fade[:, None]
            length = np.linalg.norm(apart, axis=1, keepdims=True) * 1e-9
            unit = apart * 1e-9 / length
            along = np.sum(unit * moments, axis=1, keepdims=True)
            total += np.sum((3 * unit * along - moments) / length**3, axis=0)
    return 1e-7 * 1e6 * total


@pytest.mark.parametrize("height_nm", [2.0, 5.0])
def test_field_is_the_sum_over_dipoles(texture, height_nm):
    point = np.array([1.3, -0.7, height_nm])
    expected = dipole_sum(texture, point, 80.0)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(field(texture, point) / scale, expected / scale, atol=3e-4)


@pytest.mark.slow
def test_field_has_neither_sources_nor_curl_above_the_layers(texture):
    gradient = jax.jacfwd(lambda point: field(texture, point))(jnp.array([0.4, 1.1, 3.0]))
    scale = np.abs(gradient).max()
    assert abs(np.trace(gradient)) < 1e-12 * scale
    np.testing.assert_allclose(gradient, gradient.T, atol=1e-12 * scale)


def test_one_wave_fades_as_the_exponential_of_its_length():
    wavevectors = jnp.array([[0.3, 0.4]])
    amplitudes = jnp.zeros((2, 3, 1), complex).at[0, 2, 0].set(1.0)
    texture = PlaneWaves(wavevectors, amplitudes)
    near, far = (stray_field.field_waves(texture, MAGNET, z) for z in (4.0, 14.0))
    np.testing.assert_allclose(far, near * np.exp(-0.5 * 10.0))
    # mu_0 M_0 |G| / 2 for |G| = 0.5/nm at height 0; M_0 = 3 mu_B x 2 atoms per cell.
    atoms_per_m2 = 4 / np.sqrt(3) / (0.6867e-9) ** 2
    at_surface = 4e-7 * np.pi * 3 * 9.27401e-24 * atoms_per_m2 * 0.5e9 / 2 * 1e6
    np.testing.assert_allclose(near[2, 0], at_surface * np.exp(-2.0), rtol=1e-5)


def test_bottom_layer_is_seen_from_further_away(texture):
    amplitudes = texture.amplitudes
    top_only = PlaneWaves(texture.wavevectors, amplitudes.at[1].set(0))
    bottom_only = PlaneWaves(texture.wavevectors, amplitudes[::-1].at[0].set(0))
    point = jnp.array([0.4, 1.1, 3.0])
    np.testing.assert_allclose(
        field(bottom_only, point), field(top_only, point.at[2].add(LATTICE["layer_spacing_nm"]))
    )


def test_uniform_magnetisation_has_no_field():
    texture = PlaneWaves(jnp.zeros((1, 2)), jnp.ones((2, 3, 1), complex))
    assert not np.any(stray_field.field_waves(texture, MAGNET, 5.0))
