"""A relaxed state as a texture to be written: its sites, and its pixels through a window."""

import numpy as np

from moirespin.images.raster import raster_at, render
from moirespin.images.window import Window, pixel_centres, sample_points, seen_in_window
from moirespin.io.export.texture import Images, SpinConfiguration, Texture
from moirespin.physics.lattice import Bilayer, list_sites

# Rows of pixels are taken in blocks of about so many pixels, which bounds the memory.
BLOCK_PIXELS = 2**18


def as_texture(bilayer: Bilayer, spins: np.ndarray, window: Window, *, about: dict) -> Texture:
    """Return the texture of a state.

    Args:
        bilayer: the sites.
        spins: unit vectors, shape (site, 3).
        window: through which the pixels are seen.
        about: what the state is, names with units to numbers and texts.
    """
    return Texture(
        see(bilayer, spins, window),
        sites(bilayer, spins),
        bilayer.layer_spacing_nm,
        about | pose(window),
    )


def pose(window: Window) -> dict:
    """Return what a file says of the window that its images are seen through."""
    return {
        "window_nm": window.side_nm,
        "pixels": window.pixels,
        "rotation_deg": window.rotation_deg,
        "offset_x_nm": window.offset_nm[0],
        "offset_y_nm": window.offset_nm[1],
    }


def see(bilayer: Bilayer, spins: np.ndarray, window: Window) -> Images:
    """Return the spins (site, 3) of both layers through a window."""
    points = sample_points(window)
    blocks = np.array_split(points, -(-(len(points) ** 2) // BLOCK_PIXELS))
    rasters = [raster_at(bilayer, block) for block in blocks]
    seen = np.concatenate(
        [np.stack([render(own, part) for part in spins.T], axis=-1) for own in rasters], axis=1
    )
    return Images(seen_in_window(window, seen), pixel_centres(window.side_nm, window.pixels))


def sites(bilayer: Bilayer, spins: np.ndarray) -> SpinConfiguration:
    """Return the sites of one moire cell with their spins (site, 3)."""
    return SpinConfiguration(*list_sites(bilayer), spins, bilayer.supercell)
