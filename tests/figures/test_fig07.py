"""Figure 7: levels of noise."""

import numpy as np

import mocks
from drawn import find_panel
from moirespin.figures import fig07
from moirespin.io.schemas.scores import SNR_SCORES


def test_noise_panels_take_the_nearest_levels():
    scores = mocks.dataset(SNR_SCORES, sample=8, snr=6).pipe(abs)
    figure, table = fig07.draw(scores, snr_db=[100, 12, 8])
    shown = table.dropna(subset="predicted")
    assert sorted(shown["snr_db"].unique()) == [10, 40]
    line = find_panel(figure, "e").lines[0]
    np.testing.assert_array_equal(line.get_ydata(), scores["mape"].sel(parameter="exchange"))
