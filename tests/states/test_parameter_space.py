"""The sampled box and eq. (2)."""

import numpy as np
import pytest

from moirespin.io.netcdf import PARAMETERS
from moirespin.states.parameter_space import Ranges, denormalise, normalise

RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))


def test_parameters_have_the_order_of_the_files():
    assert Ranges._fields == PARAMETERS


def test_normalise_maps_the_box_to_one():
    corners = [[1.0, 1.0, 0.0], [4.0, 10.0, 0.3], [2.5, 3.25, 0.1]]
    expected = [[0, 0, 0], [1, 1, 1], [0.5, 0.25, 1 / 3]]
    np.testing.assert_allclose(normalise(corners, RANGES), expected)


def test_range_without_width_gives_zero_and_keeps_nan():
    ranges = RANGES._replace(twist_angle=(2.0, 2.0))
    result = normalise([[2.0, 1.0, 0.3], [np.nan, 1.0, 0.3]], ranges)
    np.testing.assert_array_equal(result, [[0, 0, 1], [np.nan, 0, 1]])


@pytest.mark.parametrize("ranges", [RANGES, RANGES._replace(twist_angle=(2.0, 2.0))])
def test_denormalise_undoes_it(ranges):
    lower, upper = np.transpose(ranges)
    values = np.random.default_rng(0).uniform(lower, upper, (50, 3))
    np.testing.assert_allclose(denormalise(normalise(values, ranges), ranges), values)
