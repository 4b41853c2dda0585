"""Read exported files with other programs, in their own environment; write what they find.

For each program an .npz file beside the files, which `test_readers.py` compares.
"""

import sys
from pathlib import Path

import ase.io
import discretisedfield
import meshio
import numpy as np
import pyvista

folder = Path(sys.argv[1])

field = discretisedfield.Field.from_file(str(folder / "state.ovf"))
region = field.mesh.region
np.savez(folder / "discretisedfield", values=field.array, lower=region.pmin, upper=region.pmax)

cloud = pyvista.read(folder / "state.vtk")
data = {name: np.asarray(cloud[name]) for name in ("spin", "layer", "sublattice")}
np.savez(folder / "pyvista", points=cloud.points, **data)

mesh = meshio.read(folder / "state.vtk")
np.savez(folder / "meshio", points=mesh.points, **mesh.point_data)

atoms = ase.io.read(folder / "state.xyz")
arrays = {name: atoms.arrays[name] for name in ("positions", "spin", "layer", "sublattice")}
angle = atoms.info["twist_angle_deg"]
np.savez(folder / "ase", cell=atoms.cell, pbc=atoms.pbc, twist_angle_deg=angle, **arrays)
