"""Scaled inputs by hand."""

import numpy as np
import pytest

from moirespin.io import packed_images
from moirespin.learning.input_scaling import (
    SCALINGS,
    image_statistics,
    tilt_statistics,
    tilts_alike_in_a_layer,
)
from small_training import make_samples


def scale(arrays, images):
    return (images - arrays["input_mean"]) / arrays["input_deviation"]


def test_pixels_that_do_not_vary_are_not_blown_up():
    images = np.full((5, 2, 3, 3), 0.5)
    images[:, 0] += np.linspace(-0.5, 0.5, 5)[:, None, None]
    arrays = image_statistics(packed_images.pack(images))
    scaled = scale(arrays, images + 1e-6)
    assert np.abs(scaled[:, 1]).max() < 0.02
    np.testing.assert_allclose(scaled[:, 0].std(axis=0), 1, rtol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_statistics_do_not_depend_on_how_they_are_summed(monkeypatch, count):
    images = make_samples()["image"].values
    expected = image_statistics(images)
    monkeypatch.setattr(packed_images, "BATCH", count)
    for name, array in image_statistics(images).items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-6)


def test_ways_to_scale_do_what_they_are_called():
    images = np.random.default_rng(0).normal(0, 0.05, (40, 2, 3, 3))
    images[:, 1] += 0.3
    packed = packed_images.pack(images)
    scaled = {name: scale(way(packed), images) for name, way in SCALINGS.items()}
    np.testing.assert_array_equal(scaled["raw"], images)
    np.testing.assert_allclose(scaled["pixel"].std(axis=0), 1, rtol=1e-3)
    np.testing.assert_allclose(
        scaled["floor"],
        scale({"input_mean": images.mean(axis=0), "input_deviation": 0.1}, images),
        atol=1e-3,
    )
    for layer in range(2):
        np.testing.assert_allclose(scaled["layer"][:, layer].std(), 1, rtol=1e-3)
        np.testing.assert_allclose(scaled["layer"][:, layer].mean(), 0, atol=1e-3)


def test_tilts_are_pooled_over_what_the_network_sees():
    packed = packed_images.pack(np.random.default_rng(0).uniform(-1, 1, (30, 2, 5, 5)))
    arrays = tilts_alike_in_a_layer(packed, spare=1)
    tilts = np.arccos(packed_images.unpack(packed[..., 1:, 1:]))
    assert arrays["input_mean"].shape == (2, 4, 4)
    np.testing.assert_allclose(arrays["input_mean"][:, 0, 0], tilts.mean(axis=(0, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(
        arrays["input_deviation"][:, 0, 0], tilts.std(axis=(0, 2, 3)), rtol=1e-4
    )
    assert tilt_statistics(packed)["input_mean"].shape == (2, 5, 5)
