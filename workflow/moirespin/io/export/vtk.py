"""Legacy VTK, for ParaView and pyvista: the sites as points, each with its spin."""

import numpy as np

from moirespin.io.export.texture import Texture


def write(texture: Texture, path: str) -> None:
    """Write positions (nm) as vertices, with `spin`, `layer` and `sublattice` of each.

    Binary numbers in a legacy file have their largest byte first.
    """
    sites = texture.sites
    assert sites is not None, "formats.py refuses a texture without sites"
    count = len(sites.positions_nm)
    vertices = np.stack([np.ones(count), np.arange(count)], axis=1)
    parts: list[str | np.ndarray] = [
        f"POINTS {count} double",
        sites.positions_nm.astype(">f8"),
        f"VERTICES {count} {2 * count}",
        vertices.astype(">i4"),
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
        file.write(b"BINARY\nDATASET POLYDATA\n")
        for part in parts:
            file.write(part.encode() if isinstance(part, str) else part.tobytes())
            file.write(b"\n")
