"""Branches are relaxed under the three-fold axis."""

import numpy as np

from moirespin.physics.lattice import build_bilayer, symmetry_maps
from moirespin.textures.branches import orbits


def test_orbits_are_those_of_the_three_fold_axis():
    bilayer = build_bilayer(9, 0.6867, 0.67)
    sites, orbit = orbits(bilayer)
    turn = symmetry_maps(bilayer)["three_fold"].reshape(2, -1) % orbit.shape[1]
    np.testing.assert_array_equal(np.take_along_axis(orbit, turn, 1), orbit)
    np.testing.assert_array_equal(np.take_along_axis(orbit, sites, 1), [range(len(sites[0]))] * 2)
