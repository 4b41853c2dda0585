"""The joint network: logarithmic targets, training, predictions, comparison."""

import jax
import numpy as np
import pytest
from flax import nnx

import mocks
from moirespin.io import packed_images
from moirespin.io.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.learning.joint_network import (
    compare_networks,
    exponentials,
    logarithms,
    neighbourhoods,
    predict_joint,
    train_joint,
)
from moirespin.learning.networks import build, load_network
from moirespin.learning.paper_networks import true_parameters

RANGES = {"twist_angle": (0.5, 5.0), "exchange": (0.5, 5.0), "anisotropy": (0.5, 5.0)}
SHAPE = {"channels": [3, 4], "features": 8}
SCHEDULE = {
    "batch_size": 8,
    "learning_rate": 3e-3,
    "lowest_learning_rate": 1e-5,
    "lowering_factor": 0.5,
    "plateau_epochs": 10,
    "stopping_epochs": 40,
    "max_epochs": 40,
}


def make_samples(poisoned=False):
    """Return samples whose contrast is their exchange, as `packed.opened` gives them."""
    samples = mocks.dataset(DATASET, sample=40, x=10, y=10)
    samples["split"][:] = np.repeat([0, 1, 2], [28, 6, 6])
    images = samples["image"].values * samples["exchange"].values[:, None, None, None] / 5
    samples["image"] = samples["image"].copy(data=packed_images.pack(images))
    if poisoned:
        samples["image"].values[34:] = -32768
        samples["exchange"].values[34:] = np.nan
    return samples


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("models") / "joint.safetensors")
    train_joint(make_samples(poisoned=True), SHAPE, SCHEDULE, RANGES, 1, path, "abc")
    return path


@pytest.mark.parametrize(("pixels", "channels"), [(5, [3]), (9, [2, 3, 4]), (16, [2, 2])])
def test_three_numbers_for_any_size(pixels, channels):
    network = build("joint", {"pixels": pixels, "channels": channels, "features": 5}, 0)
    assert network(np.zeros((4, 2, pixels, pixels), np.float32)).shape == (4, 3)


def test_gradient_is_finite_where_nothing_is_seen():
    network = build("joint", {"pixels": 8, **SHAPE}, 0)
    images = np.zeros((2, 2, 8, 8), np.float32)
    gradient = nnx.grad(lambda network: network(images).sum())(network)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


def test_samples_of_a_batch_do_not_mix():
    network = build("joint", {"pixels": 8, **SHAPE}, 0)
    images = np.random.default_rng(0).normal(size=(4, 2, 8, 8)).astype(np.float32)
    alone = np.concatenate([network(image[None]) for image in images])
    np.testing.assert_allclose(network(images), alone, atol=1e-6)


def test_it_learns_what_it_can_see_and_sees_no_test_sample(trained):
    _, arrays, about = load_network(trained)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert about["samples"] == {"train": 28, "validation": 6}
    losses = [row["training_loss"] for row in about["history"]]
    assert losses[-1] < 0.5 * losses[0]


def test_predictions_are_exponentials_of_the_outputs(trained):
    samples = make_samples()
    found = predict_joint(samples, trained, RANGES)
    test = samples.isel(sample=slice(34, None))
    np.testing.assert_array_equal(found["true"], true_parameters(test))
    np.testing.assert_array_equal(found["set_number"], test["set_number"])
    np.testing.assert_array_equal(found["training_count"], 34)
    network, *_ = load_network(trained)
    outputs = np.asarray(network(test["image"].values[..., 5:, 5:]))
    np.testing.assert_allclose(found["predicted"], 0.5 * np.exp(outputs), rtol=1e-5)


@pytest.mark.parametrize("lower", [0.5, 0.0])
def test_targets_are_logarithms_even_of_a_range_that_begins_at_zero(lower):
    ranges = RANGES | {"anisotropy": (lower, 5.0)}
    parameters = np.array([[0.5, 0.5, lower], [5.0, 5.0, 5.0], [2.0, 3.0, 1.0]])
    logs = logarithms(parameters, ranges)
    np.testing.assert_allclose(logs[0], 0)
    np.testing.assert_allclose(logs[1], np.log([10, 10, 10 if lower else 101]))
    np.testing.assert_allclose(exponentials(logs, ranges), parameters, atol=1e-15)


@pytest.mark.parametrize("size", [4, 5, 9])
def test_product_with_neighbourhoods_is_the_convolution(size):
    generator = np.random.default_rng(0)
    maps = generator.normal(size=(2, size, size, 3))
    kernel = generator.normal(size=(3, 3, 3, 4))
    expected = jax.lax.conv_general_dilated(
        maps, kernel, (2, 2), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    found = neighbourhoods(maps) @ kernel.reshape(27, 4)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def make_predictions(percent):
    """Return predictions that are off by `percent` (sample, parameter)."""
    found = mocks.dataset(PARAMETER_PREDICTIONS, sample=len(percent))
    found["predicted"] = found["true"] * (1 + np.asarray(percent) / 100)
    return found.assign(phase=("sample", np.tile([1, 2], len(percent) // 2)))


def test_comparison_by_hand():
    paper = make_predictions([[1, 2, -4], [3, 2, 4], [1, 2, -4], [3, 2, 4]])
    joint = make_predictions([[1, 1, 2], [-1, 1, 0], [1, -1, 2], [-1, 1, 0]])
    table = compare_networks(paper, joint).set_index(["parameter", "group"])
    row = table.loc["twist_angle", "all"]
    assert row["samples"] == 4
    numbers = row[["paper_mape", "joint_mape", "ratio", "difference"]].astype(float)
    np.testing.assert_allclose(numbers, [2, 1, 0.5, -1])
    # Differences 0, -2, 0, -2: deviation 2 / sqrt(3), four of them.
    assert row["difference_error"] == pytest.approx(1 / np.sqrt(3))
    np.testing.assert_allclose(table.loc["anisotropy", "NCD"]["joint_mape"], 2)
    np.testing.assert_allclose(table.loc["anisotropy", "MD"]["ratio"], 0, atol=1e-9)
    assert table.loc["exchange", "MD"]["samples"] == 2
    np.testing.assert_allclose(table.loc["exchange"]["ratio"], 0.5)


def test_other_samples_are_not_compared():
    paper, joint = make_predictions(np.ones((4, 3))), make_predictions(np.ones((4, 3)))
    joint["true"][0, 0] += 1
    with pytest.raises(ValueError, match="of other samples"):
        compare_networks(paper, joint)
