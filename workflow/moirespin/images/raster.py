"""Spin textures to images: S^z of each layer on the pixel grid of a square window.

The supercell is repeated, and S^z is interpolated linearly on triangles: two neighbouring sites
and the centre of their hexagon, which carries the mean of its six corners. The sites alone leave
the choice of triangles in a hexagon open; with its centre the images keep every symmetry of the
lattice. Status: window, pixel count and linear interpolation are the paper's text, the triangles
our choice.

Axes: y upwards and x to the right, as in `window`.
Units: nm.
"""

from typing import NamedTuple, TypeVar

import numpy as np
import xarray as xr

from moirespin.images.window import Window, sample_points
from moirespin.physics.lattice import LAYERS, SUBLATTICE_POSITIONS, Bilayer, rotation

Images = TypeVar("Images", np.ndarray, xr.DataArray)

# Corners of a hexagon, counter-clockwise from 30 degrees: sublattices A, B in turn.
CORNERS = [rotation(np.pi / 3 * turn) for turn in range(6)]
CORNER_SUBLATTICE = np.arange(6) % 2


class Raster(NamedTuple):
    """Linear map from the sites of one bilayer to its two images.

    Attributes:
        sites: the six corners of the hexagon of each pixel, shape (layer, y, x, 6).
        weights: their share in the pixel, shape (layer, y, x, 6).
    """

    sites: np.ndarray
    weights: np.ndarray


def build_raster(bilayer: Bilayer, window_nm: float, pixels: int) -> Raster:
    """Return the interpolation of a bilayer on a window centred on the origin."""
    return raster_at(bilayer, sample_points(Window(window_nm, pixels)))


def raster_at(bilayer: Bilayer, points: np.ndarray) -> Raster:
    """Return the interpolation of a bilayer at points (y, x, 2) of the sample, in nm."""
    flat = points.reshape(-1, 2)
    parts = [_raster_layer(bilayer, layer, flat) for layer in range(len(LAYERS))]
    shape = (len(LAYERS), *points.shape[:-1], 6)
    return Raster(*(np.stack(part).reshape(shape) for part in zip(*parts, strict=True)))


def _raster_layer(
    bilayer: Bilayer, layer: int, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the six corner sites and weights of each of `points` (point, 2)."""
    cells, weights = hexagon_corners(bilayer.primitive[layer], points)
    index = (cells @ bilayer.strides[layer]) % bilayer.cells
    return (layer * 2 + CORNER_SUBLATTICE) * bilayer.cells + index, weights


def hexagon_corners(primitive: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the hexagon around each point, and their share in it.

    Args:
        primitive: a1 and a2 of the layer (nm), shape (2, 2).
        points: shape (point, 2).

    Returns:
        The cells of the corners, whose sublattices are `CORNER_SUBLATTICE`, shape (point, 6, 2),
        and the weights, shape (point, 6).
    """
    to_cells = np.linalg.inv(primitive)
    # Hexagon centres sit on the translations; the nearest is one of the four around the point.
    base = np.floor(points @ to_cells)
    around = base[:, None, :] + np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    distance = np.linalg.norm(points[:, None, :] - around @ primitive, axis=-1)
    cell = around[np.arange(len(points)), distance.argmin(axis=1)]
    offset = points - cell @ primitive

    corner = SUBLATTICE_POSITIONS[0] * primitive.sum(axis=0)
    corners = np.stack([corner @ turn.T for turn in CORNERS])
    angle = np.arctan2(offset[:, 1], offset[:, 0]) - np.arctan2(corner[1], corner[0])
    sector = np.floor(angle / (np.pi / 3)).astype(int) % 6
    following = (sector + 1) % 6
    edges = np.stack([corners[sector], corners[following]], axis=1)
    share = np.einsum("pi,pij->pj", offset, np.linalg.inv(edges))
    weights = np.repeat((1 - share.sum(axis=1))[:, None] / 6, 6, axis=1)
    rows = np.arange(len(points))
    weights[rows, sector] += share[:, 0]
    weights[rows, following] += share[:, 1]

    coordinates = (cell @ primitive)[:, None, :] @ to_cells + corners @ to_cells
    shifts = SUBLATTICE_POSITIONS[CORNER_SUBLATTICE]
    return np.rint(coordinates - shifts[:, None]).astype(int), weights


def render(raster: Raster, spin_z: np.ndarray) -> np.ndarray:
    """Return the images of S^z (site,), shape (layer, y, x)."""
    return np.einsum("lyxc,lyxc->lyx", spin_z[raster.sites], raster.weights)


def central_crop(images: Images, pixels: int) -> Images:
    """Return the central `pixels` x `pixels` of images (..., y, x).

    The paper's generator gives 197 x 197 of 200 x 200 pixels; that these are the central ones is
    our choice.
    """
    start = (images.shape[-1] - pixels) // 2
    return images[..., start : start + pixels, start : start + pixels]


def first_quadrant(images: Images, spare: int = 0) -> Images:
    """Return the quadrant x > 0, y > 0 of images (..., y, x), the input of the regression.

    It begins `spare` pixels nearer to x = 0 and to y = 0.

    Raises:
        ValueError: if it would begin outside the image.

    A crop, not a symmetry reduction: a moire of two honeycombs has three-fold symmetry, not the
    four-fold one that the text speaks of.
    """
    half = images.shape[-1] // 2
    if spare > images.shape[-1] - half:
        raise ValueError(f"images of {images.shape[-1]} pixels cannot be shifted by {spare}")
    rows, columns = (size - half - spare for size in images.shape[-2:])
    return images[..., rows:, columns:]
