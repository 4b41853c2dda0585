"""Principal axes of errors: planted ones, and few samples."""

import numpy as np
import pytest

from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.error_pca import error_pca


@pytest.mark.parametrize("seed", range(3))
def test_pca_recovers_a_planted_axis_and_its_share(regression_scores, seed):
    generator = np.random.default_rng(seed)
    axes = np.linalg.qr(generator.normal(size=(3, 3)))[0].T
    whitened = generator.normal(size=(200, 3))
    whitened -= whitened.mean(axis=0)
    whitened = whitened @ np.linalg.inv(np.linalg.cholesky(np.cov(whitened.T))).T
    regression_scores["error"][:] = 5 + whitened * np.sqrt([7, 2, 1]) @ axes
    pca = error_pca(regression_scores, Resampling(200, 0))
    np.testing.assert_allclose(pca["variance_ratio"], [0.7, 0.2, 0.1], atol=1e-10)
    overlaps = np.sum(pca["component"].values * axes, axis=1)
    np.testing.assert_allclose(np.abs(overlaps), 1)
    components = pca["component"].values
    assert np.all(components.max(axis=1) == np.abs(components).max(axis=1))
    np.testing.assert_allclose(pca["covariance"], axes.T @ np.diag([7, 2, 1]) @ axes, atol=1e-10)
    assert pca["ratio_lower"][0] < 0.7 < pca["ratio_upper"][0]
    # Asymptotic standard deviation of the first ratio: sqrt(2 / n) times the norm of
    # (l1 (1 - r1), -r1 l2, -r1 l3) / sum(l).
    deviation = np.sqrt(2 / 200) * np.linalg.norm([0.7 * 0.3, 0.7 * 0.2, 0.7 * 0.1])
    width = float(pca["ratio_upper"][0] - pca["ratio_lower"][0])
    assert 0.7 < width / (2 * 1.96 * deviation) < 1.4


def test_pca_of_a_single_twist_angle_has_no_variance_along_it(regression_scores):
    regression_scores["error"][:, 0] = 0
    pca = error_pca(regression_scores, Resampling(20, 0))
    np.testing.assert_allclose(pca["variance_ratio"][2], 0, atol=1e-12)
    np.testing.assert_allclose(pca["component"][2], [1, 0, 0], atol=1e-12)


def test_pca_of_the_fewest_samples(regression_scores):
    pca = error_pca(regression_scores.isel(sample=slice(4)), Resampling(500, 0))
    assert np.isfinite(pca["ratio_lower"]).all()
    with pytest.raises(ValueError, match=r"^the test set has 3 samples: .* at least 4$"):
        error_pca(regression_scores.isel(sample=slice(3)), Resampling(10, 0))


def test_trimmed_axes_do_not_see_a_few_large_errors(regression_scores):
    generator = np.random.default_rng(0)
    regression_scores["error"][:] = generator.normal(size=(200, 3)) * [1, 2, 0.5]
    regression_scores["error"][:8] = np.array([100.0, 0, 0]) * generator.choice([-1, 1], (8, 1))
    pca = error_pca(regression_scores, Resampling(20, 0))
    assert np.abs(pca["component"][0, 0]) > 0.99 and np.abs(pca["trimmed_component"][0, 1]) > 0.95
    assert pca["trimmed_ratio"].sum() == pytest.approx(1)
