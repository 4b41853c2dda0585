"""What the model cannot explain is called so."""

import numpy as np
import pytest
from scipy import stats

from inference.family import PLACES, photograph, read
from moirespin.inference.goodness import _whiteness


@pytest.mark.slow
def test_texture_with_a_patch_missing_is_called_foreign():
    found = read(photograph(noise=0.05, places=PLACES[:2]))
    assert found.goodness.p_value < 1e-6
    assert any("does not explain" in sentence for sentence in found.warnings)


@pytest.mark.slow
def test_noise_that_is_not_white_is_called_so():
    image = photograph(noise=0.0)
    grain = np.random.default_rng(4).standard_normal(image.images.shape)
    grain = grain + np.roll(grain, 1, axis=1)
    found = read(image._replace(images=image.images + 0.05 * grain))
    assert found.goodness.white < 1e-6


def test_what_was_removed_from_white_noise_leaves_it_white():
    # Long waves taken out leave neighbours that repel each other, by many standard deviations.
    seen = np.ones((1, 40, 40))
    seen[0, :4, :7] = 0
    draws = np.random.default_rng(1).standard_normal((200, seen.size)) * seen.ravel()
    y, x = np.indices((40, 40)).reshape(2, -1)
    steps = 0.15 * np.arange(-3, 4)
    waves = [np.cos(k * x + n * y + 0.3) for k in steps for n in steps]
    long = np.linalg.qr((np.array(waves) * seen.ravel()).T)[0].T
    left = draws - (draws @ long.T) @ long
    values = [_whiteness(row, long, seen) for row in left]
    assert stats.kstest(values, "uniform").pvalue > 0.01
