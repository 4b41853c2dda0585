"""Two generators: typical samples of both phases, and shares of images below an error."""

import numpy as np
import pytest

import mocks
from drawn import find_panel
from moirespin.figures import texture_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES


@pytest.fixture
def run():
    scores = mocks.dataset(GENERATOR_SCORES, sample=6)
    scores["phase"][:] = [1, 1, 1, 2, 2, 2]
    scores["mae"][:] = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])[:, None]
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=6, y=4, x=4)
    better = scores.assign(mae=0.1 * scores["mae"])
    return {"images": images, "textures": images, "scores": scores, "texture_scores": better}


def test_shares_grow_to_one_and_the_better_generator_lies_to_the_left(run):
    figure, _ = texture_images.draw(**run)
    for name, errors in (("c", [0.1, 0.2, 0.3]), ("d", [0.4, 0.5, 0.6])):
        paper, model = find_panel(figure, name).lines
        np.testing.assert_allclose(np.unique(paper.get_xdata()), errors)
        np.testing.assert_allclose(model.get_xdata(), 0.1 * paper.get_xdata())
        assert paper.get_ydata()[-1] == model.get_ydata()[-1] == 1


def test_a_phase_without_test_samples_is_named(run):
    run["scores"]["phase"][:] = 1
    figure, _ = texture_images.draw(**run)
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "no test sample in the MD phase" in said


def test_the_map_shows_the_error_of_each_image_at_its_scaled_exchange(run):
    scores = run["texture_scores"]
    _, table = texture_images.draw(**run)
    shown = table[table["item"] == "map of errors"]
    np.testing.assert_allclose(
        shown["scaled"], scores["exchange"] * scores["twist_angle"] ** 2, rtol=1e-12
    )
    np.testing.assert_allclose(shown["mean_error"], scores["mae"].mean("layer"))
