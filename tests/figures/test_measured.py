"""Figures of a measured image: the fit at one scale, the posterior with its intervals."""

import numpy as np

from moirespin.figures import measured


def test_fit_shows_image_model_and_residual_at_one_span():
    image = np.random.default_rng(0).normal(size=(1, 12, 16))
    residual, seen = 0.1 * image, np.ones(image.shape)
    seen[0, 3, 4] = 0
    figure = measured.draw_fit(image, residual, seen, pixel_nm=0.5)
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    for picture, part in zip(shown, (image, image - residual, residual), strict=True):
        found = np.ma.filled(picture.get_array(), np.nan)
        assert np.isnan(found[3, 4])
        np.testing.assert_allclose(found[seen[0] == 1], part[0][seen[0] == 1])
        assert picture.get_extent() == [-4, 4, -3, 3]
    spans = [np.ptp(picture.get_clim()) for picture in shown]
    np.testing.assert_allclose(spans, spans[0])


def test_corner_says_mean_and_deviation_and_warns():
    draws = np.random.default_rng(1).normal(size=(3, 4000))
    draws = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(axis=1, keepdims=True)
    samples = {
        name: centre + 0.01 * own
        for name, centre, own in zip(measured.NAMES, (1.5, 3.0, 0.1), draws, strict=True)
    }
    figure = measured.draw_corner(samples, ["The image is small."])
    (note,) = [text.get_text() for text in figure.texts]
    assert "$J$ = 3 ± 0.01 meV" in note and "The image is small." in note
    edges = sorted(line.get_xdata()[0] for line in figure.axes[4].lines)
    np.testing.assert_allclose(edges, np.quantile(samples["exchange_mev"], [0.025, 0.5, 0.975]))
