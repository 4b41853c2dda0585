"""Plane waves of a texture: projection from sites, placement, symmetries, pixels."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.physics.lattice import build_bilayer, rotation, symmetry_maps
from moirespin.probes import waves
from moirespin.probes.waves import PlaneWaves

X, Y = np.linspace(-7.0, 9.0, 11), np.linspace(-4.0, 5.0, 8)
POINTS = np.stack(np.meshgrid(X, Y), axis=-1).reshape(-1, 2)


@pytest.fixture(scope="module")
def bilayer():
    return build_bilayer(8, 0.6867, 0.67)


@pytest.fixture(scope="module")
def texture(bilayer):
    """Random amplitudes on the first shells of the cell."""
    wavevectors = waves.moire_wavevectors(bilayer.supercell, 3.0)
    draws = np.random.default_rng(3).standard_normal((2, 2, 3, len(wavevectors)))
    amplitudes = (draws[0] + 1j * draws[1]) * np.exp(-np.linalg.norm(wavevectors, axis=1))
    amplitudes[..., 0] = amplitudes[..., 0].real
    return PlaneWaves(jnp.asarray(wavevectors), jnp.asarray(amplitudes))


# Compiled as a whole, which takes less than one operation after the other.
at_points = jax.jit(waves.at_points)


def values(texture, points=POINTS):
    return np.asarray(at_points(texture.wavevectors, texture.amplitudes, points))


def test_listed_waves_are_half_of_a_hexagonal_lattice(bilayer):
    supercell = bilayer.supercell
    first = 4 * np.pi / np.sqrt(3) / np.linalg.norm(supercell[0])
    listed = waves.moire_wavevectors(supercell, 2.1 * first)
    # Shells of 1, 6, 6 and 6 vectors at 0, 1, sqrt(3) and 2.
    assert len(listed) == 1 + 9
    np.testing.assert_allclose(
        np.linalg.norm(listed, axis=1) / first, np.repeat([0, 1, np.sqrt(3), 2], [1, 3, 3, 3])
    )
    phases = listed @ supercell.T / (2 * np.pi)
    np.testing.assert_allclose(phases, np.rint(phases), atol=1e-9)
    assert np.abs(listed[:, None] + listed[None, 1:]).sum(axis=-1).min() > first / 2


def test_sites_give_back_the_waves_that_they_were_drawn_from(bilayer, texture):
    positions = bilayer.positions.reshape(2, -1, 2)
    spins = np.stack([values(texture, positions[layer])[layer].T for layer in range(2)])
    found = waves.waves_of_sites(positions, spins, np.asarray(texture.wavevectors))
    np.testing.assert_allclose(found, texture.amplitudes, atol=1e-10)


def test_texture_repeats_with_the_moire_translations(bilayer, texture):
    for translation in bilayer.supercell:
        np.testing.assert_allclose(
            values(texture), values(texture, POINTS + translation), atol=1e-10
        )


def test_pixels_are_the_values_at_their_centres(texture):
    image = waves.sample(texture.wavevectors, texture.amplitudes, X, y_nm=Y)
    np.testing.assert_allclose(image.reshape(2, 3, -1), values(texture), atol=1e-12)


def test_placed_texture_is_the_old_one_at_the_place_it_came_from(texture):
    turned = waves.turn(texture, 0.3)
    np.testing.assert_allclose(values(turned, POINTS @ rotation(0.3).T), values(texture))
    moved = waves.shift(texture, jnp.array([1.5, -0.4]))
    np.testing.assert_allclose(
        values(moved, POINTS + np.array([1.5, -0.4])), values(texture), atol=1e-12
    )
    mirrored = waves.mirror(texture)
    np.testing.assert_allclose(values(mirrored, POINTS * np.array([-1, 1])), values(texture))


def test_turned_spins_keep_their_place(texture):
    x, y, z = np.moveaxis(values(waves.turn_spins(texture, np.pi / 2)), 1, 0)
    old = np.moveaxis(values(texture), 1, 0)
    np.testing.assert_allclose([x, y, z], [-old[1], old[0], old[2]], atol=1e-12)


def test_layer_swap_is_the_two_fold_axis_of_the_lattice(bilayer):
    spins = np.random.default_rng(0).standard_normal((bilayer.sites, 3))
    swapped = np.empty_like(spins)
    swapped[symmetry_maps(bilayer)["layer_swap"]] = spins
    positions = bilayer.positions.reshape(2, -1, 2)
    wavevectors = waves.moire_wavevectors(bilayer.supercell, 5.0)

    def project(values):
        amplitudes = waves.waves_of_sites(positions, values.reshape(2, -1, 3), wavevectors)
        return PlaneWaves(jnp.asarray(wavevectors), jnp.asarray(amplitudes))

    expected = values(project(swapped))
    # White noise has no smooth texture: the projection on A and B sites is compared, not pixels.
    np.testing.assert_allclose(values(waves.swap_layers(project(spins))), expected, atol=1e-9)


@pytest.mark.slow
def test_length_of_the_mean_has_a_derivative(texture):
    slope = jax.jacfwd(waves.lengths)(jnp.array([[0.0, 0.0], [3.0, 4.0]]))
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(slope[1, 1], [0.6, 0.8])
