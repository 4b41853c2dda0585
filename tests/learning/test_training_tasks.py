"""What goes into the networks, and that the test part never does."""

import json
from unittest.mock import Mock

import numpy as np
import pytest

from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.learning import training, training_tasks
from moirespin.learning.input_scaling import tilt_statistics
from moirespin.learning.split_parts import identities
from moirespin.learning.training_tasks import LOSSES, regression
from small_training import LONG_SCHEDULE, RANGES, generate, make_samples, regress, regress_jointly


@pytest.mark.slow
@pytest.mark.parametrize("train", [regress, generate, regress_jointly])
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


def test_losses_are_what_they_are_called():
    predicted, true = np.array([1.0, 3.0]), np.array([0.0, 1.0])
    losses = {
        name: float(regression("exchange", {}, RANGES, loss=name).loss(predicted, true))
        for name in LOSSES
    }
    assert losses == {"squared": 2.5, "absolute": 1.5}


@pytest.mark.slow
def test_statistics_are_those_of_the_training_part(tmp_path):
    samples = make_samples()
    network, *_ = regress(samples, tmp_path / "model.safetensors")
    quadrants = packed_images.unpack(first_quadrant(samples["image"].values[:16]))
    np.testing.assert_allclose(network.input_mean[...], quadrants.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(network.input_deviation[...], quadrants.std(axis=0), atol=1e-6)


@pytest.mark.slow
def test_a_model_says_which_data_and_code_made_it(tmp_path):
    samples = make_samples()
    *_, about = regress(samples, tmp_path / "model.safetensors")
    *_, same = regress(make_samples(), tmp_path / "same.safetensors")
    samples["image"][0] += 1
    *_, other = regress(samples, tmp_path / "other.safetensors")
    assert about["code"] == "abc"
    assert about["data"] == same["data"] != other["data"]


@pytest.mark.slow
def test_a_full_disk_at_the_end_costs_no_training(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    path = tmp_path / "model.safetensors"
    with monkeypatch.context() as full:
        full.setattr(training_tasks, "save_network", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            regress(make_samples(), path)
    run_epoch = Mock(wraps=training._run_epoch)
    monkeypatch.setattr(training, "_run_epoch", run_epoch)
    regress(make_samples(), path)
    run_epoch.assert_not_called()
    assert not path.with_suffix(".checkpoint").exists()


@pytest.mark.slow
def test_another_scale_of_the_inputs_is_another_network(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    identities_seen = []
    resume = training._resume
    monkeypatch.setattr(
        training, "_resume", lambda *given: identities_seen.append(given[2]) or resume(*given)
    )
    for scale in ([1.0, 1.0, 1.0], [2.0, 1.0, 1.0]):
        generate(make_samples(), tmp_path / "generator.safetensors", input_scale=scale)
    assert identities_seen[0] != identities_seen[1]


@pytest.mark.slow
def test_the_joint_network_learns_what_it_can_see(tmp_path):
    samples = make_samples(28, 6, 6, pixels=10)
    *_, about = regress_jointly(samples, tmp_path / "joint.safetensors", LONG_SCHEDULE)
    losses = [row["training_loss"] for row in about["history"]]
    assert losses[-1] < 0.5 * losses[0]


def test_tilts_are_standardised_per_pixel():
    images = make_samples()["image"].values
    tilts = np.arccos(np.clip(packed_images.unpack(images).astype(float), -1, 1))
    found = tilt_statistics(images)
    np.testing.assert_allclose(found["input_mean"], tilts.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["input_deviation"], tilts.std(axis=0), atol=1e-5)
