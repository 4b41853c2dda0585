"""Figure 8: typical images of each phase."""

import numpy as np

import mocks
from drawn import GENERATOR, find_panel, make_profiles
from moirespin.figures import fig08, panels
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES


def test_images_are_those_of_the_median_sample():
    scores = mocks.dataset(GENERATOR_SCORES, sample=5)
    scores["phase"][:] = [1, 1, 1, 2, 0]
    scores["mae"][:] = np.array([0.3, 0.1, 0.2, 0.5, 0.4])[:, None]
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=5, y=6, x=6)
    figure, table = fig08.draw(images, scores, make_profiles(GENERATOR))
    for panel, phase, sample in [("a", "NCD", 2), ("b", "MD", 3)]:
        assert panels.find_typical(scores, phase) == sample
        image = find_panel(figure, panel).images[0]
        expected = images["true"].isel(sample=sample)
        np.testing.assert_array_equal(image.get_array(), expected.sel(layer="top"))
        assert image.get_clim() == (-1, 1)
        # 20 nm pixels: the outer edges lie half a pixel beyond the outer centres.
        np.testing.assert_allclose(image.get_extent(), [-60, 60, -60, 60])
        rows = table[table["panel"] == panel]
        np.testing.assert_array_equal(rows["true"], expected.values.ravel())
        np.testing.assert_array_equal(rows["difference"], abs(rows["generated"] - rows["true"]))


def test_phase_without_test_sample_says_so():
    scores = mocks.dataset(GENERATOR_SCORES, sample=3)
    scores["phase"][:] = 1
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=3, y=4, x=4)
    figure, _ = fig08.draw(images, scores, make_profiles(GENERATOR))
    assert [t.get_text() for t in find_panel(figure, "b").texts] == [
        "no test sample in the MD phase"
    ]
