"""Thresholds and splits by hand, and gauges against the states that they stand for."""

import numpy as np
import pytest

import mocks
from moirespin.images.image_set import Split
from moirespin.images.raster import raster_at, render
from moirespin.images.window import Window, sample_points
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.learning.changes import Changes
from moirespin.learning.varied_samples import (
    PARTS_OF_GAUGE,
    change_gauge,
    vary_samples,
    with_free_gauge,
)
from moirespin.physics.lattice import symmetry_maps

SPLIT = Split(test_fraction=0.2, validation_fraction=0.25)
ANGLES = [10, 16, 22]
NONE = dict.fromkeys(PARTS_OF_GAUGE, False)


@pytest.fixture
def samples():
    """Ten sets of each of three angles."""
    made = mocks.dataset(DATASET, sample=30, x=4, y=4)
    made["twist_index"][:] = np.repeat(ANGLES, 10)
    made["set_number"][:] = np.tile(np.arange(10), 3)
    made["split"][:] = np.tile(np.repeat([0, 1, 2], [6, 2, 2]), 3)
    return made


def vary(samples, **changes):
    return vary_samples(samples, Changes(**changes), split=SPLIT, seed=3, left_out=[16])


def counts(samples):
    return np.bincount(samples["split"].values, minlength=3).tolist()


def test_nothing_changed_changes_nothing(samples):
    assert vary(samples).identical(samples)


def test_a_lower_threshold_drops_states_of_which_both_layers_are_nearly_uniform(samples):
    size = np.full((30, 2), 0.9)
    size[:4] = [[0.996, -0.995], [0.996, 0.98], [-1.0, 1.0], [0.98, 0.5]]
    samples["magnetization"][:] = size
    kept = vary(samples, ferromagnetic=0.99)
    dropped = ~np.isin(np.arange(30), [0, 2])
    np.testing.assert_array_equal(kept["set_number"], samples["set_number"].values[dropped])
    # Of 28 samples 20 % are the test part, and a quarter of the rest the validation part.
    assert counts(kept) == [16, 6, 6]


def test_no_network_sees_an_angle_that_is_left_out(samples):
    varied = vary(samples, split="angle")
    test = varied["split"].values == netcdf.SPLITS.index("test")
    np.testing.assert_array_equal(test, varied["twist_index"].values == 16)
    assert counts(varied) == [15, 5, 10]


def test_the_same_angles_are_test_samples_of_the_split_by_set(samples):
    varied = vary(samples, split="same angles")
    assert counts(varied) == [18, 6, 2]
    test = varied["split"].values == netcdf.SPLITS.index("test")
    assert set(varied["twist_index"].values[test]) == {16}


def test_an_angle_without_samples_is_refused(samples):
    with pytest.raises(ValueError, match=r"^choices\.left_out_twist_indices: .* twist index 11$"):
        vary_samples(samples, Changes(split="angle"), split=SPLIT, seed=3, left_out=[11, 16])


def test_the_gauge_of_a_set_is_its_own_and_only_what_is_free_is_drawn(samples):
    changed = with_free_gauge(samples, ["sign"], 3)
    images, before = (
        packed_images.load(each["image"]).reshape(30, -1) for each in (changed, samples)
    )
    flipped = (images == -before).all(axis=1)
    np.testing.assert_array_equal(images[~flipped], before[~flipped])
    assert 5 < flipped.sum() < 25
    some = with_free_gauge(samples.isel(sample=[7, 20]), ["sign"], 3)
    np.testing.assert_array_equal(some["image"], changed["image"][[7, 20]])
    both = with_free_gauge(samples, PARTS_OF_GAUGE, 3)
    assert len({tuple(image.ravel()) for image in both["image"].values}) == 30


def test_gauges_are_their_own_inverse_and_commute():
    image = np.random.default_rng(0).uniform(-1, 1, (2, 4, 4))
    alone = [NONE | {part: True} for part in PARTS_OF_GAUGE]
    for one in alone:
        assert not np.array_equal(change_gauge(image, **one), image)
        np.testing.assert_array_equal(change_gauge(change_gauge(image, **one), **one), image)
        for other in alone:
            np.testing.assert_array_equal(
                change_gauge(change_gauge(image, **one), **other),
                change_gauge(change_gauge(image, **other), **one),
            )


def test_exchanged_layers_are_the_two_fold_axis_of_the_bilayer(model):
    bilayer = model(3)[0]
    spin_z = np.random.default_rng(0).uniform(-1, 1, bilayer.sites)
    swapped = np.empty_like(spin_z)
    swapped[symmetry_maps(bilayer)["layer_swap"]] = spin_z
    raster = raster_at(bilayer, sample_points(Window(6.0, 8)))
    expected = change_gauge(render(raster, spin_z), **NONE | {"layer": True})
    np.testing.assert_allclose(render(raster, swapped), expected, atol=1e-12)


def test_a_three_fold_state_turned_by_60_degrees_looks_turned_by_180(model):
    bilayer = model(3)[0]
    spin_z = np.random.default_rng(0).uniform(-1, 1, bilayer.sites)
    once = symmetry_maps(bilayer)["three_fold"]
    spin_z = spin_z + spin_z[once] + spin_z[once[once]]
    straight, turned = (
        render(raster_at(bilayer, sample_points(Window(6.0, 8, rotation_deg=angle))), spin_z)
        for angle in (0.0, 60.0)
    )
    expected = change_gauge(straight, **NONE | {"rotation": True})
    np.testing.assert_allclose(turned, expected, atol=1e-9)
