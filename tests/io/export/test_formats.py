"""Every export format gives back what was written, by strict readers of our own."""

import csv
import re

import numpy as np
import pytest
import xarray as xr

from export_example import ABOUT, PIXELS, SITES, example
from moirespin.io.export import formats
from moirespin.io.export.texture import Texture


@pytest.fixture(scope="module")
def texture():
    return example()


@pytest.fixture(params=list(formats.WRITERS))
def ending(request):
    return request.param


def written(texture, tmp_path, ending):
    path = tmp_path / f"state{ending}"
    formats.write(texture, path)
    return path


def test_the_same_state_gives_the_same_bytes(texture, tmp_path, ending):
    first = written(texture, tmp_path, ending).read_bytes()
    assert written(texture, tmp_path, ending).read_bytes() == first


def test_nothing_is_left_of_a_file_that_fails(texture, tmp_path, ending, monkeypatch):
    def fail(texture, path):
        formats.WRITERS[".csv"](texture, path)
        raise OSError("disk full")

    path = written(texture, tmp_path, ending)
    before = path.read_bytes()
    monkeypatch.setitem(formats.WRITERS, ending, fail if ending != ".csv" else lambda *_: 1 / 0)
    with pytest.raises((OSError, ZeroDivisionError)):
        formats.write(texture, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_endings_and_missing_sites_are_refused(texture, tmp_path):
    with pytest.raises(ValueError, match=r"x\.jpg must end in one of \.npz, "):
        formats.write(texture, tmp_path / "x.jpg")
    bare = Texture(texture.images, None, 0.67, ABOUT)
    for ending in formats.NEED_SITES:
        with pytest.raises(ValueError, match="would hold sites, but"):
            formats.write(bare, tmp_path / f"x{ending}")
    assert not list(tmp_path.iterdir())
    with xr.open_dataset(written(bare, tmp_path, ".nc")) as file:
        assert "spins" not in file and file["image"].shape == (2, PIXELS, PIXELS, 3)


def test_npz(texture, tmp_path):
    with np.load(written(texture, tmp_path, ".npz"), allow_pickle=False) as file:
        arrays = dict(file)
    for layer, name in enumerate(("top", "bottom")):
        for suffix, component in (("_x", 0), ("_y", 1), ("", 2)):
            expected = texture.images.spins[layer, :, :, component]
            np.testing.assert_array_equal(arrays[name + suffix], expected)
    np.testing.assert_array_equal(arrays["centres_nm"], texture.images.centres_nm)
    assert arrays["twist_angle_deg"] == 1.25 and arrays["phase"] == "MD"
    assert "gap_mev" not in arrays


def test_netcdf(texture, tmp_path):
    with xr.open_dataset(written(texture, tmp_path, ".nc")) as file:
        for name in file.variables:
            if name not in ("layer", "component"):
                assert file[name].attrs["long_name"] and file[name].attrs["units"]
        image = file["image"].sel(layer="bottom", component="z")
        assert image.dims == ("y", "x")
        np.testing.assert_allclose(image, texture.images.spins[1, ..., 2], atol=1e-7)
        np.testing.assert_array_equal(file["y"], texture.images.centres_nm)
        np.testing.assert_array_equal(file["position"], texture.sites.positions_nm)
        np.testing.assert_allclose(file["spins"], texture.sites.spins, atol=1e-7)
        np.testing.assert_array_equal(file["site_layer"], texture.sites.layer)
        np.testing.assert_array_equal(file["sublattice"], texture.sites.sublattice)
        vectors = file["moire_vector"].sel(component=["x", "y"])
        np.testing.assert_array_equal(vectors, texture.sites.moire_vectors_nm)
        assert file["position"].attrs["units"] == "nm"
        assert file.attrs["phase"] == "MD" and file.attrs["converged"] == 1


def test_csv(texture, tmp_path):
    with written(texture, tmp_path, ".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == PIXELS**2
    for number, row in enumerate(rows):
        y, x = divmod(number, PIXELS)
        assert float(row["x_nm"]) == texture.images.centres_nm[x]
        assert float(row["y_nm"]) == texture.images.centres_nm[y]
        for layer, name in enumerate(("top", "bottom")):
            found = [float(row[f"{name}_s{axis}"]) for axis in "xyz"]
            np.testing.assert_allclose(found, texture.images.spins[layer, y, x], atol=1e-8)


def read_ovf(content):
    """Return header and values (z, y, x, component) of an OVF 2.0 file, strictly read."""
    head, _, rest = content.partition(b"# Begin: Data Binary 8\n")
    lines = head.decode("ascii").splitlines()
    assert lines[0] == "# OOMMF OVF 2.0"
    assert lines[1:4] == ["# Segment count: 1", "# Begin: Segment", "# Begin: Header"]
    assert lines[-1] == "# End: Header"
    entries = [re.fullmatch(r"# (\w+): (.*)", line).groups() for line in lines[4:-1]]
    header = {key: value for key, value in entries if key != "Desc"}
    assert len(header) == len([key for key, _ in entries if key != "Desc"])
    nodes = [int(header[f"{axis}nodes"]) for axis in "zyx"]
    assert rest[:8] == np.array(123456789012345.0, "<f8").tobytes()
    count = int(np.prod(nodes)) * int(header["valuedim"])
    values = np.frombuffer(rest[8 : 8 + 8 * count], "<f8").reshape(*nodes, -1)
    assert rest[8 + 8 * count :] == b"\n# End: Data Binary 8\n# End: Segment\n"
    return header, values


def test_ovf(texture, tmp_path):
    header, values = read_ovf(written(texture, tmp_path, ".ovf").read_bytes())
    np.testing.assert_array_equal(values[0], texture.images.spins[1])
    np.testing.assert_array_equal(values[1], texture.images.spins[0])
    assert header["meshtype"] == "rectangular" and header["meshunit"] == "m"
    for axis, step_nm, width_nm in (("x", 0.5, 2.5), ("y", 0.5, 2.5), ("z", 0.67, 1.34)):
        low, high, base, step = (
            1e9 * float(header[axis + key]) for key in ("min", "max", "base", "stepsize")
        )
        assert step == pytest.approx(step_nm)
        assert (low, high) == pytest.approx((-width_nm / 2, width_nm / 2))
        assert base == pytest.approx(low + step / 2)


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
