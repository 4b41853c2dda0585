"""Errors beside weak directions: nearest states, angles, shares."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.error_alignment import (
    GROUPS,
    align_errors,
    angles_deg,
    nearest_directions,
    principal_axis,
    turn_deg,
    weak_share,
)
from moirespin.io.schemas.beyond import FISHER
from moirespin.io.schemas.scores import REGRESSION_SCORES
from moirespin.states.parameter_space import Ranges

NONCOLLINEAR, DOMAIN = 1, 2
RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))


def make_fisher():
    """Return a grid of 1 x 2 x 2 states: NCD at large J, MD at small J, one without direction."""
    fisher = mocks.dataset(FISHER, twist=1, exchange_point=2, anisotropy_point=2)
    fisher = fisher.assign_coords(twist_angle=("twist", [2.0]))
    fisher["grid_exchange"][:] = [3.0, 8.0]
    fisher["grid_anisotropy"][:] = [0.1, 0.2]
    fisher["phase"][0] = [[DOMAIN, DOMAIN], [NONCOLLINEAR, NONCOLLINEAR]]
    fisher["weak_direction"][0] = [[[0, 1], [0.6, 0.8]], [[1, 0], [np.nan, np.nan]]]
    return fisher


def make_scores(true, phase):
    scores = mocks.dataset(REGRESSION_SCORES, sample=len(true))
    scores["true"][:] = true
    scores["phase"][:] = phase
    return scores


def test_nearest_state_is_one_of_the_same_phase_with_a_direction():
    scores = make_scores(
        [[2.0, 8.0, 0.2], [2.0, 3.0, 0.11], [2.0, 3.0, 0.19], [2.0, 3.0, 0.1]],
        [NONCOLLINEAR, DOMAIN, DOMAIN, 0],
    )
    directions, distance = nearest_directions(scores, make_fisher(), RANGES)
    np.testing.assert_allclose(directions[:3], [[1, 0], [0, 1], [0.6, 0.8]])
    np.testing.assert_allclose(distance[:3], [1 / 3, 0.01 / 0.3, 0.01 / 0.3])
    assert np.isnan(directions[3]).all() and np.isnan(distance[3])


def test_angles_have_no_head():
    vectors = np.array([[1, 0], [1, 1], [-1, -1], [1, -1], [-1, 1]], float)
    np.testing.assert_allclose(angles_deg(vectors), [0, 45, 45, 135, 135])
    np.testing.assert_allclose(
        turn_deg(vectors, np.array([1.0, 0.0])), [0, 45, 45, -45, -45], atol=1e-12
    )


def test_share_of_errors_along_across_and_anyhow():
    generator = np.random.default_rng(0)
    angles = generator.uniform(0, np.pi, 2000)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    sizes = generator.normal(size=(2000, 1))
    across = directions[:, ::-1] * [-1, 1]
    assert weak_share(sizes * directions, directions) == pytest.approx(1)
    assert weak_share(sizes * across, directions) == pytest.approx(0, abs=1e-12)
    assert weak_share(generator.normal(size=(2000, 2)), directions) == pytest.approx(0.5, abs=0.03)


def test_principal_axis_of_a_line():
    along = np.linspace(-1, 1, 9)[:, None] * np.array([-0.6, 0.8])
    np.testing.assert_allclose(principal_axis(along + 3), [0.6, -0.8], atol=1e-12)


def test_errors_made_along_the_weak_directions_are_found_there():
    generator = np.random.default_rng(2)
    phase = np.repeat([NONCOLLINEAR, DOMAIN], 40)
    true = np.stack([np.full(80, 2.0), *generator.uniform([[1], [0.05]], [[10], [0.3]], (2, 80))])
    scores, fisher = make_scores(true.T, phase), make_fisher()
    directions, _ = nearest_directions(scores, fisher, RANGES)
    scores["error"][:, 1:] = generator.normal(size=(80, 1)) * directions
    found = align_errors(scores, fisher, ranges=RANGES, resampling=Resampling(50, 0))
    assert list(found["group"].values) == list(GROUPS)
    np.testing.assert_allclose(found["weak_share"], 1)
    np.testing.assert_array_equal(found["count"], [80, 40, 40])
    np.testing.assert_allclose(found["axis"].sel(group="NCD"), [1, 0], atol=1e-12)
    assert found["axis_spread_deg"].sel(group="NCD") == pytest.approx(0, abs=1e-9)
    # With the directions of both phases dealt out at random the errors no longer fit.
    assert found["common_share"].sel(group="all") < 0.8
    assert found["common_share"].sel(group="NCD") == pytest.approx(1)
    assert found["common_share_upper"].sel(group="all") < found["weak_share"].sel(group="all")
    assert (found["common_share_lower"] <= found["common_share"]).all()


def test_a_phase_with_too_few_samples_has_no_axis():
    scores = make_scores([[2.0, 3.0, 0.1]] * 5, [DOMAIN] * 5)
    found = align_errors(scores, make_fisher(), ranges=RANGES, resampling=Resampling(10, 0))
    assert np.isfinite(found["weak_share"].sel(group="MD"))
    assert np.isnan(found["axis"].sel(group="NCD")).all()
    assert found["count"].sel(group="NCD") == 0
