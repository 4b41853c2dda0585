"""Parts of the split, and smaller training sets that are nested and keep the test part."""

import itertools

import numpy as np
import pytest

import mocks
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.learning.split_parts import first_samples, identities, split_part, true_parameters

COUNTS = {"train": 160, "validation": 19, "test": 41}
FRACTIONS = [0.0625, 0.25, 0.5, 0.99]


def make_samples(*counts):
    """Return samples whose sets have numbers of their own and lie in no order."""
    counts = counts or list(COUNTS.values())
    samples = mocks.dataset(DATASET, sample=sum(counts), x=4, y=4)
    generator = np.random.default_rng(0)
    samples["set_number"][:] = np.arange(samples.sizes["sample"])
    samples["split"][:] = generator.permutation(np.repeat([0, 1, 2], counts))
    return samples


def sets_of(samples, part):
    chosen = samples["split"].values == netcdf.SPLITS.index(part)
    return set(samples["set_number"].values[chosen].tolist())


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_both_parts_have_their_share_and_the_test_part_stays(fraction):
    samples = make_samples()
    reduced = first_samples(samples, fraction, seed=1)
    for name in ("train", "validation"):
        assert len(sets_of(reduced, name)) == round(fraction * COUNTS[name])
        assert sets_of(reduced, name) <= sets_of(samples, name)
    assert sets_of(reduced, "test") == sets_of(samples, "test")


@pytest.mark.parametrize("part", ["train", "validation"])
def test_smaller_fractions_are_subsets_of_larger_ones(part):
    samples = make_samples()
    nested = [sets_of(first_samples(samples, fraction, seed=1), part) for fraction in FRACTIONS]
    for smaller, larger in itertools.pairwise(nested):
        assert smaller < larger


def test_choice_is_random_by_the_seed_and_one_of_the_samples_themselves():
    samples = make_samples()
    chosen = sets_of(first_samples(samples, 0.25, seed=1), "train")
    assert chosen != sets_of(first_samples(samples, 0.25, seed=2), "train")
    turned = samples.isel(sample=slice(None, None, -1))
    assert chosen == sets_of(first_samples(turned, 0.25, seed=1), "train")
    # 40 of 160 numbers: their mean has a standard error of 9 about that of all.
    mean = np.mean(list(sets_of(samples, "train")))
    assert abs(np.mean(list(chosen)) - mean) < 27


def test_a_dataset_without_one_sample_keeps_the_other_choices():
    samples = make_samples()
    chosen = sets_of(first_samples(samples, 0.25, seed=1), "train")
    gone = next(iter(chosen))
    fewer = samples.isel(sample=samples["set_number"].values != gone)
    # 159 / 4 rounds to 40 too: the place that became free goes to the next sample.
    assert len(sets_of(first_samples(fewer, 0.25, seed=1), "train") & chosen) == len(chosen) - 1


def test_images_of_a_file_are_those_of_the_chosen_samples(tmp_path):
    samples = make_samples()
    netcdf.write(DATASET, samples, tmp_path / "dataset.nc")
    expected = first_samples(samples, 0.25, seed=1)
    with packed_images.opened(DATASET, tmp_path / "dataset.nc") as stored:
        reduced = first_samples(stored, 0.25, seed=1)
        train = reduced.isel(sample=reduced["split"].values == 0)
        images = packed_images.load(train["image"][..., 2:, 2:])
    own = expected["split"].values == 0
    assert images.dtype == np.int16
    np.testing.assert_array_equal(
        images, packed_images.pack(expected["image"].values[own, :, 2:, 2:])
    )


def test_too_few_training_samples_are_refused():
    samples = make_samples()
    assert len(sets_of(first_samples(samples, 0.05, seed=1), "train")) == 8
    said = "0.04 of the train part of the dataset is 6 samples, at least 8 are needed: raise"
    with pytest.raises(ValueError, match=said):
        first_samples(samples, 0.04, seed=1)


def test_fraction_without_validation_is_refused():
    samples = make_samples()
    lone = samples.isel(sample=samples["split"].values != netcdf.SPLITS.index("validation"))
    with pytest.raises(ValueError, match="validation part of the dataset is 0 samples"):
        first_samples(lone, 0.25, seed=1)


@pytest.mark.parametrize(
    ("sizes", "name", "count", "fewest"),
    [((7, 4, 4), "train", 7, 8), ((20, 0, 4), "validation", 0, 1), ((20, 4, 0), "test", 0, 1)],
)
def test_too_few_samples_are_one_sentence(sizes, name, count, fewest):
    message = (
        f"the {name} part of the dataset has {count} samples, at least {fewest} are needed:"
        " raise sweep.sets_per_angle in the config"
    )
    with pytest.raises(ValueError, match=f"^{message}$"):
        split_part(make_samples(*sizes), name)


def test_a_part_holds_its_own_samples():
    samples = make_samples()
    for name, count in COUNTS.items():
        chosen = split_part(samples, name)
        assert chosen.sizes["sample"] == count
        assert set(chosen["set_number"].values.tolist()) == sets_of(samples, name)


def test_parameters_and_identities_are_those_of_the_samples():
    samples = make_samples()
    np.testing.assert_array_equal(true_parameters(samples)[:, 1], samples["exchange"])
    np.testing.assert_array_equal(identities(samples)[:, 1], samples["set_number"])
