"""The bilayer's sites, neighbours, pairs and symmetries against plain distance searches."""

import numpy as np
import pytest

from moirespin.physics.lattice import (
    build_bilayer,
    fold,
    interlayer_pairs,
    intralayer_neighbours,
    locate,
    rotation,
    symmetry_maps,
    twist_angle_deg,
)

LATTICE_CONSTANT_NM, SPACING_NM, CUTOFF_NM = 0.6867, 0.67, 1.0
INDICES = (2, 3, 5, 8)


def build(m):
    return build_bilayer(m, LATTICE_CONSTANT_NM, SPACING_NM)


def images_of(positions, supercell):
    """Return `positions` (site, 2) in the 25 supercells around, shape (site, 25, 2)."""
    steps = np.arange(-2, 3)
    shifts = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) @ supercell
    return positions[:, None, :] + shifts


@pytest.mark.parametrize("m", [2, 8, 32])
def test_number_of_sites(m):
    bilayer = build(m)
    assert bilayer.cells == 3 * m * m + 3 * m + 1
    assert bilayer.sites == 4 * bilayer.cells


@pytest.mark.parametrize(("m", "angle", "period"), [(8, 3.8902, 10.116), (32, 1.0178, 38.656)])
def test_range_of_the_paper(m, angle, period):
    assert twist_angle_deg(m) == pytest.approx(angle, abs=5e-5)
    lengths = np.linalg.norm(build(m).supercell, axis=1)
    np.testing.assert_allclose(lengths, period, atol=1e-3)


@pytest.mark.parametrize("m", INDICES)
def test_layers_are_honeycombs_turned_against_each_other(m):
    bilayer = build(m)
    bonds = np.stack([bilayer.primitive[n, 0] for n in range(2)])
    angles = np.degrees(np.arctan2(bonds[:, 1], bonds[:, 0]))
    np.testing.assert_allclose(angles, np.array([-0.5, 0.5]) * twist_angle_deg(m), atol=1e-12)
    density = bilayer.cells / abs(np.linalg.det(bilayer.supercell))
    assert density == pytest.approx(1 / (LATTICE_CONSTANT_NM**2 * np.sqrt(0.75)), rel=1e-12)


@pytest.mark.parametrize("m", INDICES)
def test_cyclic_index_gives_the_nearest_neighbours(m):
    bilayer = build(m)
    table = intralayer_neighbours(bilayer)
    half = bilayer.sites // 2
    for layer in range(2):
        positions = bilayer.positions[layer].reshape(-1, 2)
        copies = images_of(positions, bilayer.supercell)
        distances = np.linalg.norm(positions[:, None, None, :] - copies, axis=-1)
        bond = LATTICE_CONSTANT_NM / np.sqrt(3)
        assert distances[distances > 1e-6].min() == pytest.approx(bond, rel=1e-9)
        site, neighbour, _ = np.nonzero(np.abs(distances - bond) < 1e-6)
        found = neighbour[np.argsort(site, kind="stable")].reshape(-1, 3)
        mine = table[layer * half : (layer + 1) * half] - layer * half
        np.testing.assert_array_equal(np.sort(mine), np.sort(found))


@pytest.mark.parametrize("m", INDICES)
def test_pairs_are_those_within_the_cutoff(m):
    bilayer = build(m)
    pairs = interlayer_pairs(bilayer, CUTOFF_NM)
    top, bottom = (positions.reshape(-1, 2) for positions in bilayer.positions)
    between = top[:, None, None, :] - images_of(bottom, bilayer.supercell)[None]
    near = np.hypot(np.linalg.norm(between, axis=-1), SPACING_NM) <= CUTOFF_NM
    site, partner, copy = np.nonzero(near)
    assert len(pairs.top) == len(site) > bilayer.sites
    expected = np.column_stack([site, partner + len(top), between[site, partner, copy]])
    found = np.column_stack(pairs)
    np.testing.assert_allclose(
        found[np.lexsort(found[:, :2].T)], expected[np.lexsort(expected[:, :2].T)], atol=1e-9
    )


@pytest.mark.parametrize("m", INDICES)
def test_symmetries_permute_sites_neighbours_and_pairs(m):
    bilayer = build(m)
    neighbours = intralayer_neighbours(bilayer)
    pairs = interlayer_pairs(bilayer, CUTOFF_NM)
    bonds = {(*sorted(pair),) for pair in zip(pairs.top, pairs.bottom, strict=True)}
    identity = np.arange(bilayer.sites)
    maps = symmetry_maps(bilayer)
    turn, swap = maps["three_fold"], maps["layer_swap"]
    for carried in maps.values():
        np.testing.assert_array_equal(np.sort(carried), identity)
        np.testing.assert_array_equal(np.sort(carried[neighbours]), np.sort(neighbours[carried]))
        moved = zip(carried[pairs.top], carried[pairs.bottom], strict=True)
        assert {(*sorted(pair),) for pair in moved} == bonds
    np.testing.assert_array_equal(turn[turn[turn]], identity)
    np.testing.assert_array_equal(swap[swap], identity)
    assert np.all((swap < bilayer.sites // 2) != (identity < bilayer.sites // 2))
    positions = bilayer.positions.reshape(-1, 2)
    for carried, by in ((turn, rotation(2 * np.pi / 3)), (swap, np.diag([-1, 1]))):
        apart = fold(positions[carried] - positions @ by.T, bilayer.supercell)
        np.testing.assert_allclose(apart, 0, atol=1e-9)


def test_folding_keeps_sites_and_is_periodic():
    bilayer = build(3)
    flat = bilayer.positions[1].reshape(-1, 2)
    moved = flat + np.array([2, -3]) @ bilayer.supercell
    np.testing.assert_allclose(fold(moved, bilayer.supercell), flat, atol=1e-9)
    half = bilayer.sites // 2
    np.testing.assert_array_equal(locate(bilayer, 1, moved), half + np.arange(half))


@pytest.mark.parametrize("m", [1, 0, -3])
def test_too_small_an_index_is_refused(m):
    with pytest.raises(ValueError, match=rf"twist index is {m}: it must be .* at least 2"):
        build(m)


def test_a_point_that_is_no_site_is_refused():
    with pytest.raises(ValueError, match="1 points are not sites of the bottom layer"):
        locate(build(2), 1, np.array([[0.0, 0.0]]))


@pytest.mark.parametrize(
    ("cutoff", "message"),
    [(0.67, "must exceed the spacing 0.67 nm"), (1.7, "less than half a moire period")],
)
def test_a_cutoff_that_does_not_fit_is_refused(cutoff, message):
    with pytest.raises(ValueError, match=message):
        interlayer_pairs(build(2), cutoff)
