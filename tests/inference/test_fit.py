"""The fit ends at the truth, within the ranges."""

import numpy as np

from inference.family import fit_of, knowledge, photograph
from moirespin.inference.fit import descend


def test_fit_ends_at_the_truth_and_the_misfit_vanishes():
    data, call, point, copy = fit_of(photograph(noise=0.0), knowledge())
    found = descend(point, copy, data, variance=1e-12, **call)
    truth = [np.log(1.5), np.log(3.0), 0.12, 0.4, 3.0, -2.0]
    np.testing.assert_allclose(found.point, truth, atol=1e-6)
    assert found.equations.misfit < 1e-9


def test_fit_stays_within_the_ranges():
    data, call, point, copy = fit_of(photograph(noise=0.0), knowledge(exchange_mev=(3.1, 9.0)))
    found = descend(point, copy, data, variance=1e-9, **call)
    np.testing.assert_allclose(found.point[1], np.log(3.1))


def test_fit_does_not_leave_the_range_where_its_branch_exists():
    # Domains of the family end at D = 0.25.
    data, call, point, copy = fit_of(photograph(noise=0.0, anisotropy_mev=0.27), knowledge())
    found = descend(point, copy, data, variance=1e-9, **call)
    assert 0.13 < found.point[2] < 0.25
    # From outside it finds its way in.
    data, call, point, copy = fit_of(photograph(noise=0.0), knowledge())
    point = point.copy()
    point[2] = 0.26
    found = descend(point, copy, data, variance=1e-9, **call)
    np.testing.assert_allclose(found.point[2], 0.12, atol=1e-4)
