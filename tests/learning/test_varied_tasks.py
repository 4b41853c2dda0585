"""What networks see and learn otherwise, against what they do in every run."""

import jax
import numpy as np
import pytest

from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.learning.changes import Changes
from moirespin.learning.joint_network import tilt_rad
from moirespin.learning.prediction import joint_estimator
from moirespin.learning.training_tasks import joint_regression, regression
from moirespin.learning.varied_tasks import (
    LESSONS,
    SIGHTS,
    spin_as_tilt,
    varied_estimator,
    varied_task,
)
from small_training import RANGES, make_samples, untrained_joint

WIDTHS = {"first": 6, "features": 5, "third": 4}
SHAPE = {"channels": [3, 4], "features": 8}


def task_of(network, **changes):
    shape = SHAPE if network == "joint" else WIDTHS
    return varied_task(
        network, shape, RANGES, changes=Changes(**changes), loss="squared", snr_db=(10.0, 20.0)
    )


@pytest.mark.parametrize(
    ("network", "usual"),
    [
        ("exchange", regression("exchange", WIDTHS, RANGES)),
        ("joint", joint_regression(SHAPE, RANGES)),
    ],
)
def test_without_changes_a_task_is_that_of_every_run(network, usual):
    samples, task = make_samples(), task_of(network)
    for found, expected in zip(task.examples(samples), usual.examples(samples), strict=True):
        np.testing.assert_array_equal(found, expected)
    inputs = task.examples(samples)[0]
    for name, array in usual.statistics(inputs).items():
        np.testing.assert_array_equal(task.statistics(inputs)[name], array)
    seen = task.augment(jax.random.key(0), inputs)
    np.testing.assert_array_equal(packed_images.unpack(seen), packed_images.unpack(inputs))
    assert task[:4] == usual[:4]


@pytest.mark.parametrize("kind", ["regressor", "joint"])
@pytest.mark.parametrize("sees", ["spin", "tilt"])
def test_networks_get_standardised_inputs_of_what_they_are_to_see(kind, sees):
    """The joint network takes the arccos by itself; a sign of the input means nothing."""
    packed = packed_images.pack(np.random.default_rng(0).uniform(-1, 1, (50, 2, 3, 3)))
    sight = SIGHTS[kind, sees]
    got = sight.prepare(packed)
    got = tilt_rad(got) if kind == "joint" else packed_images.unpack(got)
    arrays = sight.statistics(packed)
    scaled = (got - arrays["input_mean"]) / arrays["input_deviation"]
    spins = packed_images.unpack(packed)
    wanted = spins if sees == "spin" else np.arccos(spins)
    wanted = (wanted - wanted.mean(axis=0)) / wanted.std(axis=0)
    sign = -1 if (kind, sees) == ("joint", "spin") else 1
    np.testing.assert_allclose(scaled, sign * wanted, atol=2e-3)


def test_noise_beyond_the_ends_of_spins_is_not_folded_back():
    spins = np.linspace(-2.9, 2.9, 30, dtype=np.float32)
    angles = np.asarray(tilt_rad(spin_as_tilt(spins)))
    np.testing.assert_allclose(angles, np.pi / 2 - np.pi / 6 * spins, atol=2e-3)


def test_what_is_learnt_can_be_read_back():
    parameters = np.random.default_rng(0).uniform(0.5, 5.0, (6, 3))
    for lesson in LESSONS.values():
        back = lesson.decode(lesson.encode(parameters, RANGES), RANGES)
        np.testing.assert_allclose(back, parameters)


def test_noise_is_put_on_spins_before_anything_is_made_of_them():
    images = task_of("joint").examples(make_samples())[0]
    spins = packed_images.unpack(images)
    see = jax.jit(task_of("exchange", noisy=True).augment)
    noisy = np.asarray(see(jax.random.key(0), images))
    deviation = np.std(noisy - spins) / np.sqrt(np.mean(spins**2))
    assert 10 ** (-20 / 20) < deviation < 10 ** (-10 / 20)
    see = jax.jit(task_of("exchange", noisy=True, sees="tilt").augment)
    tilted = see(jax.random.key(0), images)
    np.testing.assert_allclose(tilted, np.arccos(np.clip(noisy, -1, 1)), atol=1e-3)


def test_estimates_of_an_unchanged_network_are_those_of_every_run(tmp_path):
    samples, path = make_samples(), tmp_path / "joint.safetensors"
    untrained_joint(path, pixels=4)
    quadrants = packed_images.load(first_quadrant(samples["image"]))
    found = varied_estimator(
        {"joint": str(path)}, quadrants.shape[-1], RANGES, changes=Changes(), loss="squared"
    )
    expected = joint_estimator(str(path), quadrants.shape[-1], RANGES)
    np.testing.assert_allclose(found(quadrants), expected(quadrants), rtol=1e-6)
