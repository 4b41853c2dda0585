"""OVF 2.0, the files of OOMMF, mumax3 and ubermag: both layers on one grid.

The grid has two cells along z, the bottom layer first; its cells are as high as the layers lie
apart. Lengths are in metres, as ubermag expects. Spins are interpolated to the pixels and so a
little shorter than 1 in walls.
"""

import numpy as np

from moirespin.io.export.texture import Texture

# A reader that takes the bytes in the right order reads this number.
CONTROL_NUMBER = 123456789012345.0
METRES_PER_NM = 1e-9


def write(texture: Texture, path: str) -> None:
    """Write the spins as binary numbers of 8 bytes, x fastest, then y, then z."""
    centres = texture.images.centres_nm * METRES_PER_NM
    step = float(centres[-1] - centres[0]) / (len(centres) - 1)
    height = texture.layer_spacing_nm * METRES_PER_NM
    lower = (float(centres[0]) - step / 2, float(centres[0]) - step / 2, -height)
    upper = (float(centres[-1]) + step / 2, float(centres[-1]) + step / 2, height)
    header = [
        "OOMMF OVF 2.0",
        "Segment count: 1",
        "Begin: Segment",
        "Begin: Header",
        "Title: spins of a twisted bilayer",
        *(f"Desc: {name}: {value}" for name, value in texture.about.items() if value is not None),
        "meshtype: rectangular",
        "meshunit: m",
        "valuedim: 3",
        "valueunits: 1 1 1",
        "valuelabels: spin_x spin_y spin_z",
    ]
    for axis, low, high, size, count in zip(
        "xyz", lower, upper, (step, step, height), (len(centres), len(centres), 2), strict=True
    ):
        header += [f"{axis}min: {low!r}", f"{axis}max: {high!r}", f"{axis}base: {low + size / 2!r}"]
        header += [f"{axis}nodes: {count}", f"{axis}stepsize: {size!r}"]
    header += ["End: Header", "Begin: Data Binary 8"]
    values = np.asarray(texture.images.spins[::-1], dtype="<f8")
    with open(path, "wb") as file:
        file.write("".join(f"# {line}\n" for line in header).encode())
        file.write(np.array(CONTROL_NUMBER, dtype="<f8").tobytes())
        file.write(values.tobytes())
        file.write(b"\n# End: Data Binary 8\n# End: Segment\n")
