"""Figure 5: principal axes of the errors, drawn and in words."""

import numpy as np
import pytest

import mocks
from drawn import find_panel, make_pca
from moirespin.figures import fig05
from moirespin.io.schemas.scores import REGRESSION_SCORES


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ([0, -0.6, 0.8], "$\\varepsilon_D$ = −1.33 $\\varepsilon_J$, opposite signs"),
        ([0, 0.8, 0.6], "$\\varepsilon_J$, the same sign"),
        ([0, 0.1, 0.995], "mostly $\\varepsilon_D$"),
        ([1, 0, 0], "mostly $\\varepsilon_\\theta$"),
    ],
)
def test_first_axis_in_words(first, words):
    described = fig05.describe_first_axis(make_pca([first, [0, 1, 0], [0, 0, 1]]))
    assert "PC1 carries 70 % of the variance (95 %: 65 to 75)" in described
    assert words in described


def test_principal_axes_are_drawn_to_scale():
    component = [[0, -0.6, 0.8], [0, 0.8, 0.6], [1, 0, 0]]
    pca = make_pca(component, variances=(0.09, 0.04, 0.01))
    scores = mocks.dataset(REGRESSION_SCORES, sample=10)
    figure, _ = fig05.draw(scores, pca)
    lines = [line for line in find_panel(figure, "c").lines if "PC" in line.get_label()]
    lengths = [np.hypot(*np.ptp(line.get_xydata(), axis=0)) for line in lines]
    np.testing.assert_allclose(lengths, [4 * 0.3, 4 * 0.2, 0], atol=1e-12)
    heights = [bar.get_height() for bar in find_panel(figure, "d").patches]
    np.testing.assert_allclose(heights, [9, 4, 1])
