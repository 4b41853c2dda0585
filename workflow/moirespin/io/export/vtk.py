"""Legacy VTK, for ParaView, pyvista and meshio: the sites as points, each with its spin."""

import numpy as np

from moirespin.io.export.texture import Texture

# VTK's number of a cell that is a single point.
VERTEX = 1


def write(texture: Texture, path: str) -> None:
    """Write positions (nm) as vertices, with `spin`, `layer` and `sublattice` of each.

    Binary numbers in a legacy file have their largest byte first. The grid is an unstructured one,
    because meshio reads no other with points alone.
    """
    sites = texture.sites
    assert sites is not None, "formats.py refuses a texture without sites"
    count = len(sites.positions_nm)
    vertices = np.stack([np.ones(count), np.arange(count)], axis=1)
    parts: list[str | np.ndarray] = [
        f"POINTS {count} double",
        sites.positions_nm.astype(">f8"),
        f"CELLS {count} {2 * count}",
        vertices.astype(">i4"),
        f"CELL_TYPES {count}",
        np.full(count, VERTEX, ">i4"),
        f"POINT_DATA {count}",
        "VECTORS spin double",
        sites.spins.astype(">f8"),
        "SCALARS layer int 1\nLOOKUP_TABLE default",
        sites.layer.astype(">i4"),
        "SCALARS sublattice int 1\nLOOKUP_TABLE default",
        sites.sublattice.astype(">i4"),
    ]
    with open(path, "wb") as file:
        file.write(b"# vtk DataFile Version 3.0\nspins of a twisted bilayer, positions in nm\n")
        file.write(b"BINARY\nDATASET UNSTRUCTURED_GRID\n")
        for part in parts:
            file.write(part.encode() if isinstance(part, str) else part.tobytes())
            file.write(b"\n")
