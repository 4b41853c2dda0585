"""Split domain starts: their patches, and the symmetries that connect them to the usual one."""

import numpy as np
import pytest

from moirespin.physics.hamiltonian import Parameters, energy
from moirespin.physics.lattice import symmetry_maps
from moirespin.states.ground_state import patch_profile, structured_starts
from moirespin.states.mixed_layers import (
    INSIDE,
    SENSES,
    nearest_patch,
    reversed_patches,
    split_start,
)

M = 12


@pytest.fixture(scope="module")
def cell(couplings):
    """Couplings, profile of the patches, and the patch that each site is nearest to."""
    bonds = couplings(M)
    patches = patch_profile(bonds)
    return bonds, patches, nearest_patch(bonds, patches)


def test_three_patches_are_the_same_in_both_layers_and_turned_copies_of_each_other(cell, model):
    bilayer = model(M)[0]
    _, patches, numbers = cell
    inside = patches > INSIDE
    assert set(numbers) == {0, 1, 2}
    half = len(numbers) // 2
    centres = [
        bilayer.positions.reshape(-1, 2)[own][inside[own] & (numbers[own] == number)].mean(axis=0)
        for own in (slice(half), slice(half, None))
        for number in range(3)
    ]
    assert np.linalg.norm(np.subtract(centres[:3], centres[3:]), axis=1).max() < 1.0
    turned = symmetry_maps(bilayer)["three_fold"]
    follows = [np.unique(numbers[turned][inside & (numbers == number)]) for number in range(3)]
    assert sorted(np.concatenate(follows).tolist()) == [0, 1, 2]
    assert all(len(one) == 1 and one[0] != number for number, one in enumerate(follows))


def test_none_moved_is_the_usual_start_and_all_moved_has_its_energy(cell):
    bonds, patches, numbers = cell
    usual = structured_starts(bonds, ("domain",))[0]
    none, everything = (split_start(patches, np.full(len(numbers), x), 1) for x in (False, True))
    np.testing.assert_allclose(none, usual, atol=1e-12)
    parameters = Parameters(1.5, 0.1)
    expected = energy(usual, bonds, parameters)
    assert float(energy(everything, bonds, parameters)) == pytest.approx(float(expected), abs=1e-6)
    some = energy(split_start(patches, numbers == 0, 1), bonds, parameters)
    assert abs(float(some - expected)) > 1e-3


@pytest.mark.parametrize("sense", SENSES.values())
def test_each_patch_is_reversed_in_the_layer_that_it_is_put_in(cell, sense):
    _, patches, numbers = cell
    start = split_start(patches, numbers == 1, sense)
    np.testing.assert_allclose(np.linalg.norm(start, axis=0), 1)
    top, bottom = reversed_patches(start, patches, numbers)
    assert top.tolist() == [True, False, True]
    assert bottom.tolist() == [False, True, False]
    straight = split_start(patches, numbers == 1, 1)
    np.testing.assert_allclose(start[1], straight[1])
    np.testing.assert_allclose(start[0], np.where(numbers == 1, sense, 1) * straight[0])
