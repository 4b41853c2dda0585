"""The square window through which a sample is seen, in any pose.

Axes: in the window x points to the right and y upwards, pixel centres lie symmetric about its
middle. `rotation_deg` turns the window counter-clockwise on the sample, `offset_nm` is where its
middle lies on the sample. The defaults are the pose of the paper's images: sample and window share
origin and axes.
Units: nm, degree.
"""

from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import rotation


class Window(NamedTuple):
    """A square window and its pose on the sample.

    Attributes:
        side_nm: length of a side.
        pixels: pixels along a side.
        rotation_deg: how far the window is turned on the sample, counter-clockwise.
        offset_nm: where its middle lies on the sample, (x, y).
    """

    side_nm: float
    pixels: int
    rotation_deg: float = 0.0
    offset_nm: tuple[float, float] = (0.0, 0.0)


def pixel_centres(window_nm: float, pixels: int) -> np.ndarray:
    """Return the pixel centres along one side of the window (nm), shape (pixel,)."""
    return (np.arange(pixels) + 0.5 - pixels / 2) * (window_nm / pixels)


def sample_points(window: Window) -> np.ndarray:
    """Return where on the sample the pixel centres lie (nm), shape (y, x, 2)."""
    centres = pixel_centres(window.side_nm, window.pixels)
    points = np.stack(np.meshgrid(centres, centres), axis=-1)
    return points @ rotation(np.radians(window.rotation_deg)).T + np.asarray(window.offset_nm)


def seen_in_window(window: Window, spins: np.ndarray) -> np.ndarray:
    """Return spins (..., component) along the axes of the window instead of the sample's."""
    turn = rotation(np.radians(window.rotation_deg))
    return np.concatenate([spins[..., :2] @ turn, spins[..., 2:]], axis=-1)
