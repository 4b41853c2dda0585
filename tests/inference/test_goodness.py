"""What the model cannot explain is called so."""

import numpy as np

from inference.family import PLACES, photograph, read


def test_texture_with_a_patch_missing_is_called_foreign():
    found = read(photograph(noise=0.05, places=PLACES[:2]))
    assert found.goodness.p_value < 1e-6
    assert any("does not explain" in sentence for sentence in found.warnings)


def test_noise_that_is_not_white_is_called_so():
    image = photograph(noise=0.0)
    grain = np.random.default_rng(4).standard_normal(image.images.shape)
    grain = grain + np.roll(grain, 1, axis=1)
    found = read(image._replace(images=image.images + 0.05 * grain))
    assert found.goodness.white < 1e-6
