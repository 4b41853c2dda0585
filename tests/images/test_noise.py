"""White noise: its ratio to the signal, and what it depends on."""

import numpy as np
import pytest

from moirespin.images.noise import add_noise


def add(images, snr_db, seed, twist_index, set_number, level):
    return add_noise(
        images,
        snr_db=snr_db,
        seed=seed,
        twist_index=twist_index,
        set_number=set_number,
        level=level,
    )


@pytest.fixture
def images():
    drawn = np.random.default_rng(5).uniform(-1, 1, (6, 2, 100, 100)).astype(np.float32)
    # Images of very different power, so that a common power would be noticed.
    return drawn * np.array([1, 0.1], dtype=np.float32)[:, None, None]


@pytest.mark.parametrize("snr_db", [40.0, 3.0, -10.0])
def test_noise_has_the_asked_ratio(images, snr_db):
    noisy = add(images, snr_db, 7, np.arange(6), np.arange(6), 0)
    noise = (noisy - images).astype(float)
    signal_power = np.mean(images.astype(float) ** 2, axis=(2, 3))
    measured_db = 10 * np.log10(signal_power / np.mean(noise**2, axis=(2, 3)))
    # The variance of n = 10,000 draws scatters by sqrt(2 / n): 0.06 dB.
    np.testing.assert_allclose(measured_db, snr_db, atol=0.06 * 5)
    np.testing.assert_allclose(measured_db.mean(), snr_db, atol=0.06 * 5 / np.sqrt(12))
    assert np.all(np.abs(noise.mean(axis=(2, 3))) < 5 * noise.std(axis=(2, 3)) / 100)
    assert noisy.dtype == np.float32


def test_noise_of_a_sample_depends_on_nothing_else(images):
    index, number = np.array([8, 8, 9, 9, 10, 11]), np.array([0, 1, 0, 1, 5, 5])
    together = add(images, 0.0, 7, index, number, 2)
    for row in (0, 3, 5):
        one = slice(row, row + 1)
        alone = add(images[one], 0.0, 7, index[one], number[one], 2)
        np.testing.assert_array_equal(alone, together[one])
    noise = [
        (add(images, 0.0, seed, index, number, level) - images).reshape(6, 2, -1)
        for level, seed in ((2, 7), (3, 7), (2, 8))
    ]
    flat = np.concatenate(noise).reshape(36, -1)
    correlations = np.corrcoef(flat) - np.eye(36)
    assert np.abs(correlations).max() < 0.05
