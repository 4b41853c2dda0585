"""The format extended XYZ gives back what was written."""

import re

import numpy as np

from export_example import written


def read_xyz(path):
    lines = path.read_text().splitlines()
    rows = [line.split() for line in lines[2:]]
    assert int(lines[0]) == len(rows)
    return lines[1], np.array([row[1:] for row in rows], float)


def test_xyz(texture, tmp_path):
    comment, rows = read_xyz(written(texture, tmp_path, ".xyz"))
    np.testing.assert_allclose(rows[:, :3] / 10, texture.sites.positions_nm, atol=1e-8)
    np.testing.assert_allclose(rows[:, 3:6], texture.sites.spins, atol=1e-8)
    np.testing.assert_array_equal(rows[:, 6], texture.sites.layer)
    np.testing.assert_array_equal(rows[:, 7], texture.sites.sublattice)
    cell = np.array(re.search(r'Lattice="([^"]*)"', comment)[1].split(), float).reshape(3, 3)
    np.testing.assert_allclose(cell[:2, :2] / 10, texture.sites.moire_vectors_nm)
    assert 'phase="MD" converged=T offset=0.0' in comment and "gap_mev" not in comment
