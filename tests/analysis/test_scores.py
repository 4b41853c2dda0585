"""The error of each sample, by hand and whatever the batch."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.scores import magnetization_errors, score_generator, score_regression
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import REGRESSION_SCORES
from small_scores import RANGES, make_lines


def test_regression_scores_keep_samples_and_measure_from_the_truth(predictions, tmp_path):
    scores = score_regression(predictions, make_lines(domain_line=np.nan), RANGES)
    netcdf.write(REGRESSION_SCORES, scores, tmp_path / "scores.nc")
    scores = netcdf.read(REGRESSION_SCORES, tmp_path / "scores.nc")
    np.testing.assert_array_equal(scores["set_number"], predictions["set_number"])
    anisotropy = predictions["true"].sel(parameter="anisotropy")
    np.testing.assert_allclose(
        scores["distance"].sel(boundary="FM-NCD"), np.abs(anisotropy - 0.15) / 0.3
    )
    assert scores["distance"].sel(boundary="NCD-MD").isnull().all()


def test_generator_scores_by_hand():
    predictions = mocks.dataset(IMAGE_PREDICTIONS, sample=1, y=2, x=2)
    predictions["true"][:] = [[[[1, 1], [1, 1]], [[-1, 1], [0, 1]]]]
    predictions["predicted"][:] = [[[[1, 1], [1, 0]], [[-1, 0], [1, 1]]]]
    scores = score_generator(predictions, make_lines(), RANGES)
    np.testing.assert_allclose(scores["mae"], [[0.25, 0.5]])
    np.testing.assert_allclose(scores["true_magnetization"], [[1, 0.25]])
    np.testing.assert_allclose(scores["predicted_magnetization"], [[0.75, 0.25]])
    absolute, relative = magnetization_errors(scores)
    np.testing.assert_allclose([absolute, relative], [[0.125], [12.5]])


def test_layer_without_magnetisation_has_no_relative_error(generator_scores):
    scores = generator_scores.isel(sample=slice(2))
    scores["true_magnetization"][:] = [[0.5, 0.001], [0.0, 0.0]]
    scores["predicted_magnetization"][:] = [[0.4, 0.4], [0.1, 0.1]]
    absolute, relative = magnetization_errors(scores)
    np.testing.assert_allclose(absolute, [0.2495, 0.1])
    np.testing.assert_allclose(relative, [20, np.nan])


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_generator_scores_of_a_file_do_not_depend_on_the_batch(batch, tmp_path, monkeypatch):
    predictions = mocks.dataset(IMAGE_PREDICTIONS, sample=5, y=4, x=4)
    netcdf.write(IMAGE_PREDICTIONS, predictions, tmp_path / "images.nc")
    monkeypatch.setattr(packed_images, "BATCH", batch)
    with packed_images.opened(IMAGE_PREDICTIONS, tmp_path / "images.nc") as stored:
        scores = score_generator(stored, make_lines(), RANGES)
        assert not stored["true"].variable._in_memory
    expected = np.abs(predictions["predicted"] - predictions["true"]).mean(("y", "x"))
    np.testing.assert_allclose(scores["mae"], expected, atol=3e-5)
