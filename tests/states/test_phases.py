"""Order parameters and classification."""

import numpy as np
import pytest

from moirespin.states.phases import (
    DOMAIN,
    FERROMAGNETIC,
    NONCOLLINEAR,
    UNDETERMINED,
    Thresholds,
    classify,
    layer_difference,
)

THRESHOLDS = Thresholds(0.9999, 0.05)


def test_order_parameter_ignores_signs():
    difference = layer_difference(np.array([[1.0, -0.5], [-0.2, -0.4]]))
    np.testing.assert_allclose(difference, [0.5, 0.2])


@pytest.mark.parametrize(
    ("top", "bottom", "phase"),
    [
        (1.0, 1.0, FERROMAGNETIC),
        (-1.0, 0.99995, FERROMAGNETIC),
        (0.97, 0.97, NONCOLLINEAR),
        (0.99995, 0.998, NONCOLLINEAR),
        (0.90, 0.86, NONCOLLINEAR),
        (0.90, 0.84, DOMAIN),
        (0.3, -1.0, DOMAIN),
        (-0.9, 0.9, NONCOLLINEAR),
        (np.nan, np.nan, UNDETERMINED),
    ],
)
def test_classify(top, bottom, phase):
    assert classify(np.array([top, bottom]), THRESHOLDS) == phase
