"""What goes into the networks, and that the test part never does."""

import json
from unittest.mock import Mock

import numpy as np
import pytest

import mocks
from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS
from moirespin.learning import paper_networks, training
from moirespin.learning.metrics import normalise
from moirespin.learning.networks import load_network
from moirespin.learning.paper_networks import (
    identities,
    input_statistics,
    part,
    train_generator,
    train_regressor,
    true_parameters,
)
from moirespin.learning.prediction import predict_images, predict_parameters, sweep_snr

RANGES = {"twist_angle": (0.5, 5.0), "exchange": (0.5, 5.0), "anisotropy": (0.5, 5.0)}
WIDTHS = {"first": 6, "features": 5, "third": 4}
SCHEDULE = {
    "batch_size": 8,
    "learning_rate": 1e-3,
    "lowest_learning_rate": 1e-5,
    "lowering_factor": 0.5,
    "plateau_epochs": 2,
    "stopping_epochs": 4,
    "max_epochs": 4,
}


def make_samples(train=16, validation=4, test=5, poisoned=False):
    """Return samples as `packed.opened` gives them."""
    samples = mocks.dataset(DATASET, sample=train + validation + test, x=8, y=8)
    samples["split"][:] = np.repeat([0, 1, 2], [train, validation, test])
    samples["image"] = samples["image"].copy(data=packed_images.pack(samples["image"].values))
    if poisoned:
        held = samples["split"].values == 2
        samples["image"].values[held] = -32768
        for name in netcdf.PARAMETERS:
            samples[name].values[held] = np.nan
    return samples


def regress(samples, path, parameter="exchange"):
    train_regressor(samples, parameter, WIDTHS, SCHEDULE, RANGES, 1, str(path), "abc")
    return load_network(str(path))


def generate(samples, path, input_scale=(1.0, 1.0, 1.0)):
    shape = {"first": 6, "second": 5, "input_scale": list(input_scale)}
    train_generator(samples, 5, shape, SCHEDULE, RANGES, 1, str(path), "abc")
    return load_network(str(path))


@pytest.mark.parametrize("train", [regress, generate])
def test_the_test_part_is_never_touched(tmp_path, train):
    _, clean, about = train(make_samples(), tmp_path / "clean.safetensors")
    _, poisoned, same = train(make_samples(poisoned=True), tmp_path / "poisoned.safetensors")
    assert about == same
    assert clean.keys() == poisoned.keys()
    for name, array in clean.items():
        assert np.isfinite(array).all()
        np.testing.assert_array_equal(array, poisoned[name])
    assert about["samples"] == {"train": 16, "validation": 4}
    assert len(about["history"]) == 4
    assert json.loads((tmp_path / "clean.json").read_text()) == about
    np.testing.assert_array_equal(clean["train_sets"], identities(make_samples())[:16])
    np.testing.assert_array_equal(clean["validation_sets"], identities(make_samples())[16:20])
    assert not list(tmp_path.glob("*.checkpoint"))


def test_statistics_are_those_of_the_training_part(tmp_path):
    samples = make_samples()
    network, *_ = regress(samples, tmp_path / "model.safetensors")
    quadrants = packed_images.unpack(first_quadrant(samples["image"].values[:16]))
    np.testing.assert_allclose(network.input_mean[...], quadrants.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(network.input_deviation[...], quadrants.std(axis=0), atol=1e-6)


def test_pixels_that_do_not_vary_are_not_blown_up():
    images = np.full((5, 2, 3, 3), 0.5)
    images[:, 0] += np.linspace(-0.5, 0.5, 5)[:, None, None]
    arrays = input_statistics(packed_images.pack(images))
    scaled = (images + 1e-6 - arrays["input_mean"]) / arrays["input_deviation"]
    assert np.abs(scaled[:, 1]).max() < 0.02
    np.testing.assert_allclose(scaled[:, 0].std(axis=0), 1, rtol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_statistics_do_not_depend_on_how_they_are_summed(monkeypatch, count):
    images = make_samples()["image"].values
    expected = input_statistics(images)
    monkeypatch.setattr(packed_images, "BATCH", count)
    for name, array in input_statistics(images).items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-6)


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
        part(make_samples(*sizes), name)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    paths = {name: str(folder / f"{name}.safetensors") for name in netcdf.PARAMETERS}
    for name, path in paths.items():
        regress(make_samples(), path, name)
    return paths


def test_parameters_are_predicted_in_their_units(models):
    samples = make_samples()
    found = predict_parameters(samples, models, RANGES)
    test = samples.isel(sample=slice(20, None))
    np.testing.assert_array_equal(found["true"], true_parameters(test))
    np.testing.assert_array_equal(found["set_number"], test["set_number"])
    np.testing.assert_array_equal(found["training_count"], 20)
    network, *_ = load_network(models["anisotropy"])
    quadrants = packed_images.unpack(first_quadrant(test["image"].values))
    output = network(quadrants)[:, 0]
    np.testing.assert_allclose(found["predicted"][:, 2], 0.5 + 4.5 * np.asarray(output), rtol=1e-5)


def test_batches_change_no_estimate(models, monkeypatch):
    samples = make_samples()
    parameters = predict_parameters(samples, models, RANGES)["predicted"].values
    noisy = sweep_snr(samples, models, RANGES, [20.0, 0.0], 3)["predicted"].values
    monkeypatch.setattr(packed_images, "BATCH", 2)
    again = predict_parameters(samples, models, RANGES)["predicted"]
    np.testing.assert_allclose(again, parameters, rtol=1e-5)
    again = sweep_snr(samples, models, RANGES, [20.0, 0.0], 3)["predicted"]
    np.testing.assert_allclose(again, noisy, rtol=1e-5)


def test_noise_changes_the_estimates_and_little_noise_does_not(models):
    samples = make_samples()
    clean = predict_parameters(samples, models, RANGES)["predicted"].values
    found = sweep_snr(samples, models, RANGES, [120.0, 0.0], 3)
    np.testing.assert_allclose(found["predicted"][0], clean, atol=1e-4)
    assert np.abs(found["predicted"][1] - clean).max() > 1e-2


@pytest.mark.parametrize("batch", [2, 5, 100])
def test_generated_images_are_the_central_crop(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(packed_images, "BATCH", batch)
    samples = make_samples()
    path = tmp_path / "generator.safetensors"
    network, *_ = generate(samples, path)
    predict_images(samples, str(path), RANGES, tmp_path / "images.nc")
    found = netcdf.read(IMAGE_PREDICTIONS, tmp_path / "images.nc")
    expected = packed_images.unpack(central_crop(samples["image"].values[20:], 5))
    np.testing.assert_array_equal(found["true"], expected)
    inputs = normalise(true_parameters(samples), RANGES).astype(np.float32)[20:]
    generated = np.clip(network(inputs), -1, 1)
    np.testing.assert_allclose(found["predicted"], generated, atol=0.5 / 32767 + 1e-5)
    np.testing.assert_array_equal(found["set_number"], samples["set_number"][20:])
    np.testing.assert_array_equal(found["x"], samples["x"].values[1:6])


def test_a_model_says_which_data_and_code_made_it(tmp_path):
    samples = make_samples()
    *_, about = regress(samples, tmp_path / "model.safetensors")
    *_, same = regress(make_samples(), tmp_path / "same.safetensors")
    samples["image"][0] += 1
    *_, other = regress(samples, tmp_path / "other.safetensors")
    assert about["code"] == "abc"
    assert about["data"] == same["data"] != other["data"]


def test_a_full_disk_at_the_end_costs_no_training(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    path = tmp_path / "model.safetensors"
    with monkeypatch.context() as full:
        full.setattr(paper_networks, "save_network", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            regress(make_samples(), path)
    run_epoch = Mock(wraps=training._run_epoch)
    monkeypatch.setattr(training, "_run_epoch", run_epoch)
    regress(make_samples(), path)
    run_epoch.assert_not_called()
    assert not path.with_suffix(".checkpoint").exists()


def test_another_scale_of_the_inputs_is_another_network(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    tasks_seen = []
    resume = training._resume
    monkeypatch.setattr(
        training, "_resume", lambda *given: tasks_seen.append(given[2]) or resume(*given)
    )
    for scale in ([1.0, 1.0, 1.0], [2.0, 1.0, 1.0]):
        generate(make_samples(), tmp_path / "generator.safetensors", input_scale=scale)
    assert tasks_seen[0] != tasks_seen[1]
