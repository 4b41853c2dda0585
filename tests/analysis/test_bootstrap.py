"""Means and their bootstrap errors."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from moirespin.analysis.bootstrap import Resampling, mean_of
from small_scores import RESAMPLING


def test_mean_of_leaves_out_nan_and_knows_no_samples():
    value, _, samples = mean_of(np.array([1.0, np.nan, 3.0]), RESAMPLING)
    assert (value, samples) == (2.0, 2)
    assert mean_of(np.array([]), RESAMPLING).samples == 0
    value, error, _ = mean_of(np.array([4.0]), RESAMPLING)
    assert value == 4 and np.isnan(error)


def test_bootstrap_error_is_the_standard_error_of_the_mean():
    values = np.random.default_rng(0).exponential(size=400)
    expected = values.std(ddof=1) / np.sqrt(400)
    found = mean_of(values, Resampling(samples=2000, seed=3))
    assert found.error == pytest.approx(expected, rel=0.06)
    assert found == mean_of(values, Resampling(samples=2000, seed=3))


@pytest.mark.parametrize("resamplings", [50, 120])
def test_draws_are_those_of_scipy(resamplings):
    values = np.random.default_rng(1).normal(size=30)
    generator = np.random.default_rng(3)
    found = bootstrap(
        (values,), np.mean, n_resamples=resamplings, batch=50, method="percentile", rng=generator
    )
    assert mean_of(values, Resampling(resamplings, 3)).error == found.standard_error
