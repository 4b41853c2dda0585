"""The format VTK, by a strict reader, gives back what was written."""

import re

import numpy as np

from export_example import SITES, written


def read_vtk(content):
    """Return the arrays of a legacy VTK file of points with data, strictly read."""
    head = b"# vtk DataFile Version 3.0\n"
    assert content.startswith(head)
    title, _, rest = content[len(head) :].partition(b"\n")
    assert len(title) < 256
    arrays = {}
    assert rest.startswith(b"BINARY\nDATASET UNSTRUCTURED_GRID\n")
    rest = rest.removeprefix(b"BINARY\nDATASET UNSTRUCTURED_GRID\n")
    for name, pattern, kind, width in (
        ("points", rb"POINTS 7 double\n", ">f8", 3),
        ("cells", rb"CELLS 7 14\n", ">i4", 2),
        ("types", rb"CELL_TYPES 7\n", ">i4", 1),
        ("spin", rb"POINT_DATA 7\nVECTORS spin double\n", ">f8", 3),
        ("layer", rb"SCALARS layer int 1\nLOOKUP_TABLE default\n", ">i4", 1),
        ("sublattice", rb"SCALARS sublattice int 1\nLOOKUP_TABLE default\n", ">i4", 1),
    ):
        start = re.match(pattern, rest).end()
        size = SITES * width * np.dtype(kind).itemsize
        arrays[name] = np.frombuffer(rest[start : start + size], kind).reshape(SITES, width)
        assert rest[start + size : start + size + 1] == b"\n"
        rest = rest[start + size + 1 :]
    assert rest == b""
    return arrays


def test_vtk(texture, tmp_path):
    arrays = read_vtk(written(texture, tmp_path, ".vtk").read_bytes())
    np.testing.assert_array_equal(arrays["points"], texture.sites.positions_nm)
    np.testing.assert_array_equal(arrays["cells"], [[1, site] for site in range(SITES)])
    assert (arrays["types"] == 1).all()
    np.testing.assert_array_equal(arrays["spin"], texture.sites.spins)
    np.testing.assert_array_equal(arrays["layer"][:, 0], texture.sites.layer)
    np.testing.assert_array_equal(arrays["sublattice"][:, 0], texture.sites.sublattice)
