"""Predictions of the test set, without and with noise."""

import numpy as np
import pytest

from moirespin.images.raster import central_crop, first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import SNR_SCORES
from moirespin.learning.networks import load_network
from moirespin.learning.prediction import (
    paper_estimator,
    predict_images,
    predict_joint,
    predict_parameters,
    score_snr,
    sweep_snr,
)
from moirespin.learning.split_parts import true_parameters
from moirespin.states.parameter_space import normalise
from small_training import RANGES, generate, make_samples, regress, regress_jointly


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    paths = {name: str(folder / f"{name}.safetensors") for name in netcdf.PARAMETERS}
    for name, path in paths.items():
        regress(make_samples(), path, name)
    return paths


@pytest.mark.slow
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


@pytest.mark.slow
def test_batches_change_no_estimate(models, monkeypatch):
    samples = make_samples()
    estimator = paper_estimator(models, samples.sizes["x"] // 2, RANGES)
    parameters = predict_parameters(samples, models, RANGES)["predicted"].values
    noisy = sweep_snr(samples, estimator, levels_db=[20.0, 0.0], seed=3)["predicted"].values
    monkeypatch.setattr(packed_images, "BATCH", 2)
    again = predict_parameters(samples, models, RANGES)["predicted"]
    np.testing.assert_allclose(again, parameters, rtol=1e-5)
    again = sweep_snr(samples, estimator, levels_db=[20.0, 0.0], seed=3)["predicted"]
    np.testing.assert_allclose(again, noisy, rtol=1e-5)


@pytest.mark.slow
def test_noise_changes_the_estimates_and_little_noise_does_not(models):
    samples = make_samples()
    clean = predict_parameters(samples, models, RANGES)["predicted"].values
    estimator = paper_estimator(models, samples.sizes["x"] // 2, RANGES)
    found = sweep_snr(samples, estimator, levels_db=[120.0, 0.0], seed=3)
    np.testing.assert_allclose(found["predicted"][0], clean, atol=1e-4)
    assert np.abs(found["predicted"][1] - clean).max() > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("batch", [2, 5, 100])
def test_generated_images_are_the_central_crop(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(packed_images, "BATCH", batch)
    samples = make_samples()
    path = tmp_path / "generator.safetensors"
    network, *_ = generate(samples, path)
    predict_images(samples, str(path), ranges=RANGES, path=tmp_path / "images.nc")
    found = netcdf.read(IMAGE_PREDICTIONS, tmp_path / "images.nc")
    expected = packed_images.unpack(central_crop(samples["image"].values[20:], 5))
    np.testing.assert_array_equal(found["true"], expected)
    inputs = normalise(true_parameters(samples), RANGES).astype(np.float32)[20:]
    generated = np.clip(network(inputs), -1, 1)
    np.testing.assert_allclose(found["predicted"], generated, atol=0.5 / 32767 + 1e-5)
    np.testing.assert_array_equal(found["set_number"], samples["set_number"][20:])
    np.testing.assert_array_equal(found["x"], samples["x"].values[1:6])


@pytest.mark.slow
def test_the_joint_network_gives_exponentials_of_its_outputs(tmp_path):
    samples, path = make_samples(), tmp_path / "joint.safetensors"
    network, *_ = regress_jointly(samples, path)
    found = predict_joint(samples, str(path), RANGES)
    test = samples.isel(sample=slice(20, None))
    np.testing.assert_array_equal(found["true"], true_parameters(test))
    np.testing.assert_array_equal(found["set_number"], test["set_number"])
    np.testing.assert_array_equal(found["training_count"], 20)
    outputs = np.asarray(network(first_quadrant(test["image"].values)))
    np.testing.assert_allclose(found["predicted"], 0.5 * np.exp(outputs), rtol=1e-5)


def test_snr_scores_by_hand(tmp_path):
    true = np.array([[2.0, 4.0, 0.1], [1.0, 5.0, 0.2]])
    predicted = [true * 1.1, true * [[2.0], [1.0]]]
    powers = {"signal": np.ones(2), "contrast": np.full(2, 0.1)}
    scores = score_snr(true, predicted, [20.0, -10.0], **powers)
    netcdf.write(SNR_SCORES, scores, tmp_path / "snr.nc")
    scores = netcdf.read(SNR_SCORES, tmp_path / "snr.nc")
    np.testing.assert_allclose(scores["mape"], [[10, 10, 10], [50, 50, 50]])
    np.testing.assert_array_equal(scores["snr"], [20, -10])
