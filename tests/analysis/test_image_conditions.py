"""Conditions of images by hand."""

import numpy as np
import pytest

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.image_conditions import LEVELS_DB, conditions, score_conditions
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.learning.prediction import predict_joint
from small_training import RANGES, make_samples, regress_jointly


def test_conditions_are_what_they_are_called():
    test = make_samples().isel(sample=slice(20, None))
    shown = dict(conditions(test, bits=4, shift_pixels=1, seed=0))
    images = packed_images.unpack(test["image"].values)
    clean = shown.pop("as simulated")
    np.testing.assert_array_equal(clean, first_quadrant(images))
    assert np.abs(shown.pop("4 bits") - clean).max() <= 1 / 15 + 1e-6
    np.testing.assert_array_equal(shown.pop("shifted by 1 pixels"), images[..., 3:7, 3:7])
    assert list(shown) == [f"noise of {level:g} dB" for level in LEVELS_DB]
    sizes = [np.std(noisy - clean) for noisy in shown.values()]
    assert sizes == sorted(sizes)


@pytest.mark.slow
def test_images_as_simulated_have_the_errors_of_the_run(tmp_path):
    samples, path = make_samples(), tmp_path / "joint.safetensors"
    regress_jointly(samples, path)
    table = score_conditions(
        samples,
        {"joint": str(path)},
        ranges=RANGES,
        bits=8,
        shift_pixels=2,
        resampling=Resampling(50, 0),
    )
    assert len(table) == 3 * (3 + len(LEVELS_DB))
    found = predict_joint(samples, str(path), RANGES)
    errors = 100 * np.abs(found["predicted"] / found["true"] - 1).values
    clean = table[table["condition"] == "as simulated"]
    np.testing.assert_allclose(clean["mape"], errors.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(clean["median"], np.median(errors, axis=0), rtol=1e-4)
