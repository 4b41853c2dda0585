"""Errors by hand, and their relation to each other."""

import numpy as np

from moirespin.learning.metrics import normalised_error, percentage_error
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))


def test_errors_by_hand():
    true, predicted = np.array([[2.0, 2.0, 0.2]]), np.array([[2.3, 1.1, 0.23]])
    np.testing.assert_allclose(normalised_error(predicted, true, RANGES), [[0.1, -0.1, 0.1]])
    np.testing.assert_allclose(percentage_error(predicted, true), [[15, 45, 15]])


def test_errors_do_not_depend_on_the_unit():
    generator = np.random.default_rng(0)
    true, predicted = generator.uniform(1, 2, (2, 20, 3))
    factors = np.array([1.0, 1000.0, 1000.0])
    scaled = Ranges(*(factors[:, None] * RANGES))
    np.testing.assert_allclose(
        normalised_error(factors * predicted, factors * true, scaled),
        normalised_error(predicted, true, RANGES),
    )
    np.testing.assert_allclose(
        percentage_error(factors * predicted, factors * true), percentage_error(predicted, true)
    )
