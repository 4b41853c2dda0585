"""A table of pixels as CSV: one row each, y by y upwards."""

import csv

import numpy as np

from moirespin.io.export.texture import Texture

COLUMNS = ("x_nm", "y_nm", "top_sx", "top_sy", "top_sz", "bottom_sx", "bottom_sy", "bottom_sz")


def write(texture: Texture, path: str) -> None:
    """Write the pixel centres and the spins of both layers, along the axes of the window."""
    y, x = np.meshgrid(texture.images.centres_nm, texture.images.centres_nm, indexing="ij")
    top, bottom = texture.images.spins
    table = np.concatenate([x[..., None], y[..., None], top, bottom], axis=-1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerow(COLUMNS)
        np.savetxt(file, table.reshape(-1, len(COLUMNS)), fmt="%.8g", delimiter=",")
