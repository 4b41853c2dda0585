"""NumPy archives: the images of both layers as arrays of their own."""

from typing import Any

import numpy as np

from moirespin.io.export.texture import Texture


def write(texture: Texture, path: str) -> None:
    """Write `top`, `bottom` (S^z, rows y upwards), `top_x` … `bottom_y`, and `centres_nm`.

    Beside them what the state is, each entry of `about` as an array without dimensions.
    """
    arrays: dict[str, Any] = {"centres_nm": texture.images.centres_nm}
    for layer, spins in zip(("top", "bottom"), texture.images.spins, strict=True):
        arrays |= {layer: spins[..., 2], f"{layer}_x": spins[..., 0], f"{layer}_y": spins[..., 1]}
    known = {name: value for name, value in texture.about.items() if value is not None}
    # A handle, because NumPy would add .npz to a name without it.
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays, **known)
