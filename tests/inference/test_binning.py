"""Large images: averaging keeps the answer and says what it did."""

import numpy as np
import pytest

from inference.family import FAMILY, knowledge, photograph
from moirespin.inference.binning import LONGEST_SIDE, averaged, cropped, smaller
from moirespin.inference.forward import equations, prepare
from moirespin.inference.measurement import MD, Measurement
from moirespin.inference.seen_waves import Copy

POINT = np.array([np.log(1.5), np.log(3.0), 0.12, 0.4, 3.0, -2.0])


@pytest.mark.slow
def test_averaged_image_fits_the_same_texture():
    image = photograph(noise=0.0, pixels=600)
    small, known, sentences = smaller(image, knowledge())
    assert small.images.shape == (1, 200, 200) and len(sentences) == 1
    np.testing.assert_allclose(known.aperture_nm, np.sqrt(8) * image.pixel_nm)
    setting, data = prepare(small, known, FAMILY)
    call = {"model": FAMILY, "branch": MD, "setting": setting}
    found = equations(POINT, Copy(1.0, 0.0, 1.0), data, **call)
    blind = prepare(small, knowledge(), FAMILY)[1]
    ignored = equations(POINT, Copy(1.0, 0.0, 1.0), blind, **call)
    assert found.misfit < 1e-6 * data.values @ data.values
    assert found.misfit < 0.01 * ignored.misfit


def test_square_with_a_missing_pixel_is_missing():
    seen = np.ones((1, 7, 9))
    seen[0, 1, 4] = 0
    image = Measurement(np.arange(63.0).reshape(1, 7, 9) * seen, seen, 0.5)
    found = averaged(image, 3)
    assert found.images.shape == (1, 2, 3) and found.pixel_nm == 1.5
    np.testing.assert_array_equal(found.seen[0], [[1, 0, 1], [1, 1, 1]])
    np.testing.assert_allclose(found.images[0, 0], [10.0, 0.0, 16.0])


def test_what_is_still_too_large_is_cropped_to_its_middle():
    rows, _ = np.indices((500, 410))
    image = Measurement((1.0 * rows)[None], np.ones((1, 500, 410)), 1.0)
    found, _, sentences = smaller(image, knowledge())
    assert found.images.shape == (1, LONGEST_SIDE, LONGEST_SIDE)
    np.testing.assert_allclose(found.images.mean(), image.images.mean(), atol=0.5)
    assert "only the 400 x 400 nm in its middle" in sentences[0]
    assert cropped(found, LONGEST_SIDE).images.shape == found.images.shape
