"""Extended XYZ, for ASE and OVITO: the sites of one moire cell with their spins.

Lengths are in angstrom, as these programs expect. The cell repeats in the plane; along z it is
padded, which means nothing.
"""

import numpy as np

from moirespin.io.export.texture import Texture

ANGSTROM_PER_NM = 10.0
# The sites are marked as what carries the moments of CrI3; readers insist on an element.
ELEMENT = "Cr"
# Height of the cell in units of the distance of the layers.
PADDING = 10.0


def write(texture: Texture, path: str) -> None:
    """Write element, position, spin, layer and sublattice of each site."""
    sites = texture.sites
    assert sites is not None, "formats.py refuses a texture without sites"
    cell = np.zeros((3, 3))
    cell[:2, :2] = sites.moire_vectors_nm
    cell[2, 2] = PADDING * texture.layer_spacing_nm
    lattice = " ".join(f"{value:.10g}" for value in (cell * ANGSTROM_PER_NM).ravel())
    columns = "species:S:1:pos:R:3:spin:R:3:layer:I:1:sublattice:I:1"
    about = " ".join(
        f"{name}={_as_text(value)}" for name, value in texture.about.items() if value is not None
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{len(sites.positions_nm)}\n")
        file.write(f'Lattice="{lattice}" pbc="T T F" Properties={columns} {about}\n')
        for position, spin, layer, sublattice in zip(
            sites.positions_nm * ANGSTROM_PER_NM,
            sites.spins,
            sites.layer,
            sites.sublattice,
            strict=True,
        ):
            numbers = " ".join(f"{value:.9g}" for value in (*position, *spin))
            file.write(f"{ELEMENT} {numbers} {layer} {sublattice}\n")


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return f'"{value}"' if isinstance(value, str) else str(value)
