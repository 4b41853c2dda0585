"""Resolution and read-out against real space, derivatives against finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.physics.lattice import build_bilayer
from moirespin.probes import instrument as probe
from moirespin.probes import stray_field, waves
from moirespin.probes.waves import PlaneWaves

MAGNET = stray_field.sheets(
    stray_field.Moment(1.5, g_factor=2.0), lattice_constant_nm=0.6867, layer_spacing_nm=0.67
)
SHARP = probe.Instrument(0.0, 0.0, 5.0, jnp.array([0.0, 0.0, 1.0]), MAGNET)
X, Y = np.linspace(-6.0, 6.0, 7), np.linspace(-3.0, 5.0, 5)


@pytest.fixture(scope="module")
def texture():
    wavevectors = waves.moire_wavevectors(build_bilayer(8, 0.6867, 0.67).supercell, 2.5)
    draws = np.random.default_rng(8).standard_normal((2, 2, 3, len(wavevectors)))
    amplitudes = draws[0] + 1j * draws[1]
    amplitudes[..., 0] = amplitudes[..., 0].real
    return PlaneWaves(jnp.asarray(wavevectors), jnp.asarray(amplitudes))


# Compiled as a whole, which takes less than one operation after the other.
observe = jax.jit(probe.observe, static_argnums=1)


def image(texture, channel="net", instrument=SHARP, x=X, y=Y):
    return np.asarray(observe(texture, channel, instrument, x_nm=x, y_nm=y))


def test_channels_see_the_layers_that_they_name(texture):
    layers = np.asarray(waves.sample(texture.wavevectors, texture.amplitudes[:, 2], X, y_nm=Y))
    np.testing.assert_allclose(image(texture, "both"), layers)
    np.testing.assert_allclose(image(texture, "top"), layers[:1])
    np.testing.assert_allclose(image(texture, "net")[0], layers.mean(axis=0), atol=1e-12)


def test_stray_field_is_read_along_the_axis(texture):
    axis = jnp.array([0.6, 0.0, 0.8])
    along = [image(texture, "stray-field", SHARP._replace(axis=unit)) for unit in np.eye(3)[[0, 2]]]
    np.testing.assert_allclose(
        image(texture, "stray-field", SHARP._replace(axis=axis)), 0.6 * along[0] + 0.8 * along[1]
    )


def test_point_spread_is_a_gaussian_average_in_real_space(texture):
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights = weights / weights.sum()
    deviation = 0.9
    average = sum(
        a * b * image(texture, x=X + deviation * u, y=Y + deviation * v)
        for u, a in zip(nodes, weights, strict=True)
        for v, b in zip(nodes, weights, strict=True)
    )
    blurred = image(texture, instrument=SHARP._replace(point_spread_nm=deviation))
    np.testing.assert_allclose(blurred, average, atol=1e-10)


def test_pixel_averages_over_its_square(texture):
    nodes, weights = np.polynomial.legendre.leggauss(16)
    side = 1.7
    average = sum(
        a * b / 4 * image(texture, x=X + side / 2 * u, y=Y + side / 2 * v)
        for u, a in zip(nodes, weights, strict=True)
        for v, b in zip(nodes, weights, strict=True)
    )
    wide = image(texture, instrument=SHARP._replace(aperture_nm=side))
    np.testing.assert_allclose(wide, average, atol=1e-10)


def test_read_out_is_gain_offset_and_plane():
    signal = np.arange(6.0).reshape(1, 2, 3)
    scale = probe.ReadOut(2.0, 5.0, jnp.array([0.1, -1.0]))
    found = probe.read_out(signal, scale, np.array([-1.0, 0.0, 1.0]), y_nm=np.array([0.0, 10.0]))
    expected = 2 * signal + 5 + np.array([[-0.1, 0, 0.1], [-10.1, -10, -9.9]])
    np.testing.assert_allclose(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize("channel", sorted(probe.CHANNELS))
def test_derivatives_are_those_of_finite_differences(texture, channel):
    def observed(values):
        angle, azimuth, x, y, spread, aperture, height = values
        placed = waves.turn_spins(waves.turn(texture, angle), azimuth)
        placed = waves.shift(placed, jnp.stack([x, y]))
        axis = jnp.array([0.48, 0.6, 0.64])
        instrument = probe.Instrument(spread, aperture, height, axis, MAGNET)
        return probe.observe(placed, channel, instrument, x_nm=X, y_nm=Y)

    at = np.array([0.2, 0.5, 0.3, -0.2, 0.4, 0.6, 3.0])
    slopes = np.asarray(jax.jit(jax.jacfwd(observed))(at))
    step, value = 1e-5, jax.jit(observed)
    numeric = np.stack(
        [np.subtract(value(at + step * e), value(at - step * e)) / (2 * step) for e in np.eye(7)],
        axis=-1,
    )
    scale = np.abs(slopes).max()
    np.testing.assert_allclose(slopes / scale, numeric / scale, atol=1e-7)


@pytest.mark.slow
def test_many_at_once_are_each_alone(texture):
    spreads = jnp.array([0.0, 0.5, 1.5])
    together = jax.vmap(
        lambda spread: probe.observe(
            texture, "net", SHARP._replace(point_spread_nm=spread), x_nm=X, y_nm=Y
        )
    )(spreads)
    for spread, one in zip(spreads, together, strict=True):
        alone = image(texture, instrument=SHARP._replace(point_spread_nm=spread))
        np.testing.assert_allclose(one, alone, atol=1e-12)


def test_noise_is_white_and_of_its_own_stream():
    first = probe.white_noise(np.random.SeedSequence(1), (200, 200))
    again = probe.white_noise(np.random.SeedSequence(1), (200, 200))
    other = probe.white_noise(np.random.SeedSequence(2), (200, 200))
    np.testing.assert_array_equal(first, again)
    assert abs(first.std() - 1) < 0.02
    assert abs(np.mean(first * other)) < 0.02
    assert abs(np.mean(first[1:] * first[:-1])) < 0.02
