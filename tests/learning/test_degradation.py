"""Degraded images: each part by itself against closed forms."""

import jax
import numpy as np
import pytest

from moirespin.io import packed_images
from moirespin.learning.degradation import Degradation, degrade, degrade_one, round_to_bits

KEY = jax.random.key(0)
CLEAN = (200.0, 200.0)
# Compiled as a whole, which takes less than one operation after the other.
degraded = jax.jit(degrade, static_argnums=2)


def draw_images(samples=200, pixels=12):
    return np.random.default_rng(0).uniform(-1, 1, (samples, 2, pixels, pixels)).astype(np.float32)


@pytest.mark.slow
def test_noise_has_the_ratio_of_its_level():
    images = draw_images()
    noisy = degraded(KEY, images, Degradation((20.0, 20.0), 24, 0))
    ratio = np.mean(images**2) / np.mean((noisy - images) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(20, abs=0.1)
    noisy = np.asarray(degraded(KEY, images, Degradation((0.0, 40.0), 24, 0)))
    levels = 10 * np.log10(
        np.mean(images**2, axis=(1, 2, 3)) / np.var(noisy - images, axis=(1, 2, 3))
    )
    # Uniform between the ends.
    assert levels.min() < 4 and levels.max() > 36 and np.mean(levels) == pytest.approx(20, abs=3)


@pytest.mark.slow
def test_shifts_are_crops_of_the_image_and_all_occur():
    image = np.arange(2 * 6 * 6, dtype=np.float32).reshape(2, 6, 6) / 100
    corners = set()
    draw = jax.jit(jax.vmap(lambda key: degrade_one(key, image, Degradation(CLEAN, 24, 2))))
    for found in np.asarray(draw(jax.random.split(KEY, 100))):
        y, x = divmod(round(100 * float(found[0, 0, 0])), 6)
        np.testing.assert_allclose(found, image[:, y : y + 4, x : x + 4], atol=1e-5)
        corners.add((y, x))
    assert corners == {(y, x) for y in range(3) for x in range(3)}


def test_rounding_moves_by_half_a_step():
    images = draw_images()
    rounded = np.asarray(round_to_bits(images, 8))
    assert np.abs(rounded - images).max() <= 1 / 255 + 1e-6
    np.testing.assert_allclose(
        (rounded + 1) / 2 * 255, np.round((rounded + 1) / 2 * 255), atol=1e-3
    )
    np.testing.assert_array_equal(round_to_bits(np.array([-1.0, 1.0, 3.0]), 8), [-1, 1, 1])


@pytest.mark.slow
def test_every_second_image_is_rounded():
    images = draw_images()
    found = np.asarray(degraded(KEY, images, Degradation(CLEAN, 3, 0)))
    left = np.isclose(found, images, atol=1e-5).all(axis=(1, 2, 3))
    assert 0.35 < left.mean() < 0.65


@pytest.mark.slow
def test_packed_images_are_degraded_as_their_values():
    packed = packed_images.pack(draw_images(5))
    degradation = Degradation((10.0, 30.0), 8, 1)
    np.testing.assert_allclose(
        degraded(KEY, packed, degradation),
        degraded(KEY, packed_images.unpack(packed), degradation),
        atol=1e-6,
    )
