"""Other programs read exported files: discretisedfield (ubermag), pyvista, meshio, ASE.

They live in an environment of their own, envs/readers.txt, which is installed only if
MOIRESPIN_TEST_READERS=1; else these tests are skipped.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from export_example import example
from moirespin.io.export import formats

PROJECT = Path(__file__).parents[3]
LOCK = PROJECT / "envs/readers.txt"
ENVIRONMENT = PROJECT / ".venv/readers"
READ = Path(__file__).with_name("read_files.py")
ENDINGS = (".ovf", ".vtk", ".xyz")


@pytest.fixture(scope="module")
def python():
    """The Python of an environment that has the other programs, made again after a new lock."""
    if os.environ.get("MOIRESPIN_TEST_READERS") != "1":
        pytest.skip("MOIRESPIN_TEST_READERS=1 installs the programs that read exported files")
    made = ENVIRONMENT / hashlib.sha256(LOCK.read_bytes()).hexdigest()
    found = ENVIRONMENT / "bin/python"
    if not made.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = ["-m", "pip", "install", "--require-hashes", "--no-compile", "-qq"]
        subprocess.run([found, *install, "-r", LOCK], check=True)
        made.touch()
    return found


@pytest.fixture(scope="module")
def texture():
    return example()


@pytest.fixture(scope="module")
def found(python, texture, tmp_path_factory):
    """What each program finds in the files: program -> name -> array."""
    folder = tmp_path_factory.mktemp("files")
    for ending in ENDINGS:
        formats.write(texture, folder / f"state{ending}")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([python, READ, folder], check=True, timeout=300, env=clean)
    return {path.stem: np.load(path) for path in folder.glob("*.npz")}


def test_ubermag_reads_the_ovf(found, texture):
    field = found["discretisedfield"]
    # Axes x, y, z; the bottom layer is the lower cell.
    spins = np.moveaxis(texture.images.spins[::-1], (0, 1, 2), (2, 1, 0))
    np.testing.assert_array_equal(field["values"], spins)
    edge = 1e-9 * (texture.images.centres_nm[-1] + 0.25)
    np.testing.assert_allclose(field["upper"], [edge, edge, 0.67e-9])
    np.testing.assert_allclose(field["lower"], [-edge, -edge, -0.67e-9])


@pytest.mark.parametrize("program", ["pyvista", "meshio"])
def test_pyvista_and_meshio_read_the_vtk(program, found, texture):
    cloud, sites = found[program], texture.sites
    np.testing.assert_allclose(cloud["points"], sites.positions_nm)
    np.testing.assert_allclose(cloud["spin"], sites.spins)
    np.testing.assert_array_equal(np.ravel(cloud["layer"]), sites.layer)
    np.testing.assert_array_equal(np.ravel(cloud["sublattice"]), sites.sublattice)


def test_ase_reads_the_xyz(found, texture):
    atoms, sites = found["ase"], texture.sites
    np.testing.assert_allclose(atoms["positions"] / 10, sites.positions_nm, atol=1e-8)
    np.testing.assert_allclose(atoms["spin"], sites.spins, atol=1e-8)
    np.testing.assert_array_equal(atoms["layer"], sites.layer)
    np.testing.assert_array_equal(atoms["sublattice"], sites.sublattice)
    np.testing.assert_allclose(atoms["cell"][:2, :2] / 10, sites.moire_vectors_nm)
    assert atoms["pbc"].tolist() == [True, True, False]
    assert atoms["twist_angle_deg"] == texture.about["twist_angle_deg"]
