"""Distances to phase boundaries against closed forms and a dense sampling of the surface."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.boundaries import (
    boundary_distances,
    build_surface,
    line_agreement,
    phase_by_lines,
    surface_distance,
)
from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.states.parameter_space import Ranges

UNIT_BOX = Ranges((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))


def make_lines(twist_angle, exchange, fm_line, anisotropy, domain_line):
    """Return a `phase_lines` dataset; each line is broadcast to (twist, its grid)."""
    angles = len(twist_angle)
    return netcdf.make(
        PHASE_LINES,
        {
            "twist_index": np.arange(angles),
            "twist_angle": twist_angle,
            "line_exchange": exchange,
            "line_anisotropy": anisotropy,
            "fm_line": np.broadcast_to(fm_line, (angles, len(exchange))),
            "domain_line": np.broadcast_to(domain_line, (angles, len(anisotropy))),
        },
    )


@pytest.fixture
def points():
    return np.random.default_rng(1).uniform(-0.5, 1.5, (300, 3))


def test_tilted_plane_over_the_whole_box(points):
    grid = np.linspace(0, 1, 6)
    anisotropy = 0.2 + 0.5 * grid[:, None] - 0.3 * grid[None, :]
    surface = build_surface(grid, grid, anisotropy, ranges=UNIT_BOX)
    normal = np.array([-0.5, 0.3, 1.0]) / np.sqrt(0.5**2 + 0.3**2 + 1)
    heights = (points - [0, 0, 0.2]) @ normal
    feet = points - heights[:, None] * normal
    above = np.all((feet[:, :2] > 0) & (feet[:, :2] < 1), axis=1)
    distances = surface_distance(points, surface)
    assert 50 < above.sum() < 250
    np.testing.assert_allclose(distances[above], np.abs(heights[above]), atol=1e-12)
    assert np.all(distances[~above] > np.abs(heights[~above]))


def test_points_beyond_the_edge_of_a_flat_boundary(points):
    grid = np.linspace(0, 1, 4)
    surface = build_surface(grid, grid, np.full((4, 4), 0.5), ranges=UNIT_BOX)
    nearest = np.clip(points, [0, 0, 0.5], [1, 1, 0.5])
    expected = np.linalg.norm(points - nearest, axis=1)
    np.testing.assert_allclose(surface_distance(points, surface), expected, atol=1e-12)


def test_curved_boundary_against_dense_sampling(points):
    coarse, fine = np.linspace(0, 1, 3), np.linspace(0, 1, 201)
    anisotropy = np.random.default_rng(2).uniform(0, 1, (3, 2))
    surface = build_surface(coarse, np.array([0.0, 1.0]), anisotropy, ranges=UNIT_BOX)
    triangles = [corners for corners in surface if len(np.unique(corners, axis=0)) == 3]
    first, second = (axis.ravel() for axis in np.meshgrid(fine, fine))
    weights = np.stack([1 - first - second, first, second], axis=1)[first + second <= 1]
    cloud = np.concatenate([weights @ corners for corners in triangles])
    assert len(triangles) == 4
    for point, distance in zip(points[:60], surface_distance(points[:60], surface), strict=True):
        sampled = np.linalg.norm(cloud - point, axis=1).min()
        assert distance - 1e-12 <= sampled <= distance + 0.01


def test_single_twist_angle_is_a_polyline():
    ranges = Ranges(twist_angle=(2.0, 2.0), exchange=(1.0, 11.0), anisotropy=(0.0, 0.5))
    lines = make_lines([2.0], [1.0, 6.0, 11.0], [0.5, 0.25, 0.25], [0.0, 0.5], np.nan)
    parameters = [[2.0, 8.5, 0.5], [2.0, 1.0, 0.0], [2.0, 13.0, 0.25]]
    distances = boundary_distances(np.array(parameters), lines, ranges)
    # In (J~, D~) the line runs from (0, 1) over (0.5, 0.5) to (1, 0.5).
    np.testing.assert_allclose(distances[:, 0], [0.5, np.sqrt(0.5), 0.2])
    assert np.isnan(distances[:, 1]).all()


def test_distances_are_measured_in_the_normalised_box():
    ranges = Ranges(twist_angle=(1.0, 3.0), exchange=(1.0, 11.0), anisotropy=(0.1, 0.3))
    lines = make_lines([1.0, 3.0], np.linspace(1, 11, 5), 0.2, [0.1, 0.2, 0.3], [[6.0], [3.5]])
    distances = boundary_distances(np.array([[1.0, 5.0, 0.25]]), lines, ranges)
    # The planes are D~ = 0.5 and J~ = 0.5 - 0.25 theta~; the point is (0, 0.4, 0.75).
    np.testing.assert_allclose(distances, [[0.25, 0.1 / np.hypot(1, 0.25)]])


def test_boundary_ends_where_the_line_is_nan():
    grid = np.linspace(0, 1, 5)
    ends = np.where(grid > 0.5, np.nan, 0.5)
    lines = make_lines([0.0, 1.0], grid, 0.5, grid, ends)
    distances = boundary_distances(np.array([[0.5, 0.8, 0.9]]), lines, UNIT_BOX)
    np.testing.assert_allclose(distances, [[0.4, 0.5]])


def test_boundary_at_one_angle_or_one_point_only_counts():
    grid = np.linspace(0, 1, 5)
    domain_line = np.full((3, 5), np.nan)
    domain_line[0, 2] = 0.5
    lines = make_lines([0.0, 0.5, 1.0], grid, [[np.nan], [0.5], [np.nan]], grid, domain_line)
    distances = boundary_distances(np.array([[0.9, 0.3, 0.8]]), lines, UNIT_BOX)
    np.testing.assert_allclose(distances, [[0.5, np.sqrt(0.81 + 0.04 + 0.09)]])


def test_boundary_outside_the_box_is_kept():
    lines = make_lines([0.0, 1.0], [0.0, 1.0], 1.2, [0.0, 1.0], np.nan)
    distances = boundary_distances(np.array([[0.5, 0.5, 0.9]]), lines, UNIT_BOX)
    np.testing.assert_allclose(distances[:, 0], 0.3)


def test_order_of_the_angles_does_not_matter(points):
    generator = np.random.default_rng(3)
    angles, order = np.array([0.0, 0.3, 0.7, 1.0]), [2, 0, 3, 1]
    fm_line, domain_line = generator.uniform(0, 1, (2, 4, 6))
    grid = np.linspace(0, 1, 6)
    in_order = make_lines(angles, grid, fm_line, grid, domain_line)
    mixed = make_lines(angles[order], grid, fm_line[order], grid, domain_line[order])
    np.testing.assert_array_equal(
        boundary_distances(points, in_order, UNIT_BOX),
        boundary_distances(points, mixed, UNIT_BOX),
    )


def test_blocks_do_not_change_the_distance(points, monkeypatch):
    grid = np.linspace(0, 1, 6)
    surface = build_surface(
        grid, grid, np.random.default_rng(4).uniform(0, 1, (6, 6)), ranges=UNIT_BOX
    )
    whole = surface_distance(points, surface)
    monkeypatch.setattr("moirespin.analysis.boundaries.PAIRS_AT_ONCE", 1000)
    np.testing.assert_array_equal(surface_distance(points, surface), whole)


@pytest.fixture
def one_angle():
    """FM above D = 0.1 meV, domains below J = 2 meV where D exceeds 0.05 meV."""
    variables = {
        "twist_index": [16],
        "twist_angle": [2.0],
        "line_exchange": np.array([1.0, 10.0]),
        "line_anisotropy": np.array([0.01, 0.05, 0.3]),
        "fm_line": np.full((1, 2), 0.1),
        "domain_line": np.array([[np.nan, 2.0, 2.0]]),
    }
    return netcdf.make(PHASE_LINES, variables)


def test_lines_give_each_side_its_phase(one_angle):
    exchange = np.array([5.0, 5.0, 1.5, 1.5, 1.5])
    anisotropy = np.array([0.2, 0.05, 0.2, 0.08, 0.02])
    found = phase_by_lines(exchange, anisotropy, lines=one_angle, twist_index=16)
    assert [netcdf.PHASES[n] for n in found] == ["FM", "NCD", "MD", "MD", "NCD"]
    assert (
        phase_by_lines(exchange, anisotropy, lines=one_angle, twist_index=17) == netcdf.UNDETERMINED
    ).all()


def test_agreement_names_the_furthest_set_on_the_wrong_side(one_angle):
    ranges = Ranges(twist_angle=(1.0, 3.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))
    diagram = mocks.dataset(PHASE_DIAGRAM, set=4, start=1)
    values = {"twist_index": 16, "twist_angle": 2.0, "exchange": 5.0}
    for name, value in values.items():
        diagram[name].values[:] = value
    diagram["anisotropy"].values[:] = [0.2, 0.13, 0.05, 0.2]
    diagram["phase"].values[:] = [0, 1, 1, -1]
    row = line_agreement(diagram, one_angle, ranges).iloc[0]
    assert (row["sets"], row["agree"]) == (3, 2)
    assert row["furthest"] == pytest.approx(0.03 / 0.3)
