"""Interlayer exchange: published sums, symmetries, stacking maps and bad tables."""

import numpy as np
import pytest

from moirespin.physics.interlayer import stacking_map
from moirespin.physics.lattice import build_bilayer, interlayer_pairs, rotation, symmetry_maps
from moirespin.physics.stacking import StackingMap, fit_stacking_map, read_table, stacking_exchange

LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
AB, BA = np.array([1, 1]) / 3, np.array([2, 2]) / 3
MIDWAY = np.array([0.5, 0.5])
STACKINGS = {"AB": AB, "BA": BA, "AA": 0 * AB, "midway": MIDWAY}


@pytest.fixture(scope="module")
def table(config, pytestconfig):
    return read_table(pytestconfig.rootpath / config["interlayer"]["stacking_map"]["table"])


@pytest.fixture(scope="module")
def stacking(table, config):
    return fit_stacking_map(table, config["interlayer"]["stacking_map"]["shells"])


def row_sums(bilayer, pairs, exchange):
    sites = np.concatenate([pairs.top, pairs.bottom])
    return np.bincount(sites, np.tile(exchange, 2), bilayer.sites)


def test_c3z_of_the_largest_angle(model):
    bilayer, pairs, exchange = model(8)
    assert exchange.sum() == pytest.approx(-3.027692, abs=1e-6)
    rows = row_sums(bilayer, pairs, exchange)
    assert rows.min() == pytest.approx(-0.34847, abs=1e-5)
    assert rows.max() == pytest.approx(0.44840, abs=1e-5)


def test_scale_multiplies(model):
    np.testing.assert_allclose(model(5, 1.15)[2], 1.15 * model(5)[2], rtol=1e-14)


@pytest.mark.parametrize("kind", ["c3z", "stacking_map"])
@pytest.mark.parametrize("m", [3, 8])
def test_symmetries_leave_every_coupling(model, kind, m):
    bilayer, pairs, exchange = model(m, kind=kind)
    assert np.ptp(exchange) > 0.01
    matrix = np.zeros((bilayer.sites, bilayer.sites))
    matrix[pairs.top, pairs.bottom] = matrix[pairs.bottom, pairs.top] = exchange
    for carried in symmetry_maps(bilayer).values():
        np.testing.assert_allclose(matrix[np.ix_(carried, carried)], matrix, atol=1e-9)


def test_antiferromagnetic_patches_lie_midway_between_ab_and_ba(model):
    """Of the local exchange, C3-averaged patches at the moire cell's edge centres."""
    bilayer, pairs, exchange = model(16)
    rows = row_sums(bilayer, pairs, exchange)
    positions = bilayer.positions.reshape(-1, 2)

    def local(point):
        separation = np.linalg.norm(positions - point @ bilayer.supercell, axis=1)
        return rows[separation < 1.0].mean()

    assert local(np.array([0.5, 0.0])) > 0.2
    assert local(np.array([0.0, 0.5])) > 0.2
    assert local(np.array([1 / 3, 1 / 3])) < -0.2
    assert -0.2 < local(np.array([0.0, 0.0])) < 0


def test_stacking_shift_is_the_registry_of_the_lattice():
    """Same-sublattice pairs near r are separated by the shift, up to a lattice vector."""
    bilayer = build_bilayer(32, 0.6867, 0.67)
    half_angle = np.arctan2(*bilayer.primitive[1, 0][::-1])
    pairs = interlayer_pairs(bilayer, 1.0)
    top, bottom = pairs.top, pairs.bottom - bilayer.sites // 2
    same = (top // bilayer.cells) == (bottom // bilayer.cells)
    middle = bilayer.positions[0].reshape(-1, 2)[top] - pairs.separation / 2
    shift = middle @ (rotation(-half_angle) - rotation(half_angle)).T
    untwisted = bilayer.lattice_constant_nm * LATTICE
    difference = (pairs.separation - shift)[same] @ np.linalg.inv(untwisted)
    difference = (difference - np.rint(difference)) @ untwisted
    # Pairs of up to 0.74 nm see a lattice vector turned by half the angle.
    assert np.linalg.norm(difference, axis=1).max() < 1e-4
    wrong = (pairs.separation + shift)[same] @ np.linalg.inv(untwisted)
    assert np.abs(wrong - np.rint(wrong)).max() > 0.4


@pytest.mark.parametrize("shift", STACKINGS.values(), ids=STACKINGS)
def test_fit_reproduces_the_table(table, stacking, shift):
    fitted = stacking_exchange(stacking, shift[None] @ LATTICE)[0]
    distance = table[:, :2] - shift
    at = np.abs(distance - np.rint(distance)).max(axis=1) < 1e-6
    assert at.any()
    assert stacking.misfit_mev < 0.04
    expected = table[at, 2].mean() / 4
    assert fitted == pytest.approx(expected, abs=3 * stacking.misfit_mev)


def test_fit_has_the_symmetry_and_the_signs_of_the_bilayer(stacking):
    shifts = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    values = stacking_exchange(stacking, shifts)
    turned = stacking_exchange(stacking, shifts @ rotation(2 * np.pi / 3).T)
    mirrored = stacking_exchange(stacking, shifts * [1, -1])
    moved = stacking_exchange(stacking, shifts + np.array([2, -1]) @ LATTICE)
    for same in (turned, mirrored, moved):
        np.testing.assert_allclose(same, values, atol=1e-10)
    midway, stacked = stacking_exchange(stacking, np.stack([MIDWAY, AB]) @ LATTICE)
    assert midway > 0 > stacked


def test_fit_recovers_a_map_that_plane_waves_can_hold():
    """A first-shell map J = J0 + J1 (cos b1.s + cos b2.s + cos (b1 + b2).s)."""
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2) / 6

    def exact(shifts):
        angles = 2 * np.pi * np.column_stack([shifts, shifts.sum(axis=1)])
        return 0.1 - 0.2 * np.cos(angles).sum(axis=1)

    fitted = fit_stacking_map(np.column_stack([grid, 4 * exact(grid)]), 1)
    elsewhere = np.random.default_rng(1).uniform(-1, 1, (40, 2))
    np.testing.assert_allclose(
        stacking_exchange(fitted, elsewhere @ LATTICE), exact(elsewhere), atol=1e-9
    )


def test_twisted_bilayer_holds_the_mean_of_the_map(model, stacking):
    """A ferromagnet's energy per site of one layer is the map's mean over all stackings."""
    grid = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2) / 60
    mean = stacking_exchange(stacking, grid @ LATTICE).mean()
    bilayer, pairs, exchange = model(8, kind="stacking_map")
    assert exchange.sum() / (bilayer.sites / 2) == pytest.approx(mean, abs=1e-3)
    flat = stacking._replace(
        wavevectors=np.zeros((1, 2)), coefficients=np.array([0.3, 0.0]), misfit_mev=0.0
    )
    uniform = stacking_map(bilayer, pairs, flat)
    np.testing.assert_allclose(uniform.sum(), 0.3 * bilayer.sites / 2, rtol=1e-12)
    np.testing.assert_allclose(row_sums(bilayer, pairs, uniform), 0.3, rtol=0.1)


def test_twisted_bilayer_has_the_map_at_its_stackings(model, stacking):
    bilayer, pairs, exchange = model(16, kind="stacking_map")
    rows = row_sums(bilayer, pairs, exchange)
    positions = bilayer.positions.reshape(-1, 2)
    places = {(0, 0): 0 * AB, (1 / 3, 1 / 3): AB, (2 / 3, 2 / 3): BA, (0.5, 0.5): MIDWAY}
    for place, shift in places.items():
        offset = (positions - np.array(place) @ bilayer.supercell) @ np.linalg.inv(
            bilayer.supercell
        )
        offset = (offset - np.rint(offset)) @ bilayer.supercell
        local = rows[np.linalg.norm(offset, axis=1) < 0.6].mean()
        expected = stacking_exchange(stacking, shift[None] @ LATTICE)[0]
        assert local == pytest.approx(expected, abs=0.15)


def test_pairs_carry_the_exchange_of_the_registry_around_them(model):
    """Of a map without inversion; the registry is taken from the nearest site below."""
    bilayer, pairs, _ = model(24)
    odd = StackingMap(np.array([[1.0, -1.0]]), np.array([0.0, 1.0]), 0.0)
    rows = row_sums(bilayer, pairs, stacking_map(bilayer, pairs, odd))
    half = bilayer.sites // 2
    same = (pairs.top // bilayer.cells) == ((pairs.bottom - half) // bilayer.cells)
    top, separation = pairs.top[same], pairs.separation[same]
    order = np.lexsort((np.linalg.norm(separation, axis=1), top))
    site, first = np.unique(top[order], return_index=True)
    np.testing.assert_array_equal(site, np.arange(half))
    shifts = separation[order][first] / bilayer.lattice_constant_nm
    expected = stacking_exchange(odd, shifts)
    assert np.ptp(expected) > 1
    assert np.corrcoef(rows[:half], expected)[0, 1] > 0.98
