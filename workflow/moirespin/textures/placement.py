"""A texture of the cell on the sample: any angle, any window, any pose.

The cell is repeated with the moire period L = a / (2 sin(theta / 2)), its first vector at 30
degrees. Two ways to pixels:

- `see` draws what the paper's images show: the spins at the sites of both turned layers, wherever
  they lie at this angle, interpolated linearly as in `images.raster`. At a commensurate angle it is
  what a relaxed state shows.
- `sample_cell` gives the field itself, without sites: smooth, fast, and differentiable with JAX.

Units: nm, degree, radian.
"""

from types import ModuleType

import numpy as np

from moirespin.images.raster import hexagon_corners
from moirespin.images.window import Window, pixel_centres, sample_points, seen_in_window
from moirespin.io.export.texture import Images
from moirespin.physics.lattice import LAYERS, SUBLATTICE_POSITIONS, rotation
from moirespin.textures.cell import MIRROR_POINT, Waves, as_complex, members
from moirespin.textures.networks import Array

UNTWISTED = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
MOIRE = np.array([[np.sqrt(0.75), 0.5], [0.0, 1.0]])
# Points of the grid per period of the shortest wave; the cubic interpolation is then good to 1e-5.
OVERSAMPLING = 5
BLOCK_PIXELS = 2**16


def moire_vectors(angle_deg: Array, lattice_constant_nm: float, xp: ModuleType = np) -> Array:
    """Return the two translations of the moire cell (nm), shape (2, 2)."""
    period = lattice_constant_nm / (2 * xp.sin(xp.radians(angle_deg) / 2))
    return period * MOIRE


def layer_vectors(angle_deg: float, lattice_constant_nm: float, layer: int) -> np.ndarray:
    """Return a1 and a2 of a layer (nm), (2, 2): the top turned by -theta/2, the other back."""
    turn = rotation((-0.5, 0.5)[layer] * np.radians(angle_deg))
    return lattice_constant_nm * UNTWISTED @ turn.T


def cell_grid(waves: Waves, amplitudes: np.ndarray) -> np.ndarray:
    """Return fields of amplitudes (..., wave) on a grid of the cell, (..., u1, u2), by FFT."""
    size = grid_size(waves)
    factors = as_complex(waves, amplitudes)
    factors[..., 0] /= 6
    spectrum = np.zeros((*factors.shape[:-1], size, size), complex)
    for turned in members(waves):
        spectrum[..., *(turned.T % size)] += factors
        spectrum[..., *(-turned.T % size)] += factors.conj()
    # Only half of a real field's spectrum is needed.
    return size**2 * np.fft.irfft2(spectrum[..., : size // 2 + 1], (size, size))


def grid_size(waves: Waves) -> int:
    """Return points of the grid along a side, a product of small primes."""
    needed = OVERSAMPLING * 2 * np.abs(waves.stars).max()
    return 32 * int(np.ceil(needed / 32))


def interpolate(grid: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return a field at fractional coordinates (point, 2), from its grid over the cell (u1, u2).

    Cubic (Lagrange) on 4 x 4 points of the periodic grid.
    """
    size = grid.shape[-1]
    scaled = points * size
    base = np.floor(scaled)
    first, second = np.moveaxis(scaled - base, -1, 0)
    own = [(base[:, axis, None].astype(int) + np.arange(-1, 3)) % size for axis in (0, 1)]
    total = np.zeros(len(points))
    along = _cubic(second)
    for weight, row in zip(_cubic(first), own[0].T, strict=True):
        flat = row * size
        line = sum(
            w * grid.ravel()[flat + column] for w, column in zip(along, own[1].T, strict=True)
        )
        total = total + weight * line
    return total


def _cubic(t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights of the points -1, 0, 1, 2 for a place t between 0 and 1."""
    return (
        -t * (t - 1) * (t - 2) / 6,
        (t + 1) * (t - 1) * (t - 2) / 2,
        -(t + 1) * t * (t - 2) / 2,
        (t + 1) * t * (t - 1) / 6,
    )


def fractional(
    points_nm: np.ndarray, *, angle_deg: float, lattice_constant_nm: float, layer: int
) -> np.ndarray:
    """Return the coordinates of points (..., 2) in the moire cell, in the frame of a layer."""
    points = points_nm @ np.linalg.inv(moire_vectors(angle_deg, lattice_constant_nm))
    return points @ MIRROR_POINT.T if layer else points


def see(
    waves: Waves,
    tilt: np.ndarray,
    *,
    angle_deg: float,
    lattice_constant_nm: float,
    window: Window,
) -> Images:
    """Return the spins of both layers through a window, as the paper's images show them.

    Args:
        waves: of the tilt.
        tilt: amplitudes (rad), shape (layer, channel, wave).
        angle_deg: twist angle.
        lattice_constant_nm: of the layers.
        window: size, pixels and pose.
    """
    mean, half = np.moveaxis(cell_grid(waves, tilt), 1, 0)
    points = sample_points(window).reshape(-1, 2)
    spins = np.zeros((len(LAYERS), len(points), 3))
    for layer in range(len(LAYERS)):
        grids = mean[layer] + half[layer], mean[layer] - half[layer]
        primitive = layer_vectors(angle_deg, lattice_constant_nm, layer)
        for start in range(0, len(points), BLOCK_PIXELS):
            block = slice(start, start + BLOCK_PIXELS)
            cells, weights = hexagon_corners(primitive, points[block])
            sites, place = _distinct(cells)
            for sublattice, grid in enumerate(grids):
                position = (sites + SUBLATTICE_POSITIONS[sublattice]) @ primitive
                angle = interpolate(
                    grid,
                    fractional(
                        position,
                        angle_deg=angle_deg,
                        lattice_constant_nm=lattice_constant_nm,
                        layer=layer,
                    ),
                )
                for corner in range(sublattice, 6, 2):
                    own = angle[place[:, corner]]
                    spins[layer, block, 0] += weights[:, corner] * np.sin(own)
                    spins[layer, block, 2] += weights[:, corner] * np.cos(own)
    seen = spins.reshape(len(LAYERS), window.pixels, window.pixels, 3)
    return Images(seen_in_window(window, seen), pixel_centres(window.side_nm, window.pixels))


def _distinct(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct cells (cell, 2), and the place of each of cells (..., 2) among them."""
    lowest = cells.min(axis=(0, 1))
    width = int(cells[..., 1].max() - lowest[1]) + 1
    keys = (cells[..., 0] - lowest[0]) * width + cells[..., 1] - lowest[1]
    found, place = np.unique(keys, return_inverse=True)
    return np.stack(np.divmod(found, width), axis=1) + lowest, place.reshape(keys.shape)


def sample_cell(
    waves: Waves,
    tilt: Array,
    *,
    angle_deg: Array,
    lattice_constant_nm: float,
    x_nm: Array,
    y_nm: Array,
    xp: ModuleType = np,
) -> Array:
    """Return the tilt (rad) of both layers on a rectangle of points, shape (layer, y, x).

    The mean of both sublattices, without sites. The wavevectors of the moire lattice lie on a
    rectangular grid along x and y: exp(i G.r) is a product of a function of x and one of y, and
    the sum over waves is two small matrix products. The rectangle has any place on the sample but
    no rotation.

    Args:
        waves: of the tilt.
        tilt: amplitudes (rad), shape (layer, channel, wave).
        angle_deg: twist angle.
        lattice_constant_nm: of the layers.
        x_nm: columns of the rectangle, shape (x,).
        y_nm: rows, shape (y,).
        xp: NumPy or JAX's NumPy.
    """
    mean = tilt[:, 0]
    half = (mean[:, 1::2] - 1j * mean[:, 2::2]) / np.sqrt(6)
    padded = xp.concatenate([mean[:, :1], half, half.conj(), xp.zeros_like(mean[:, :1])], axis=1)
    place, reach_x, reach_y = _rectangle(waves)
    period = moire_vectors(angle_deg, lattice_constant_nm, xp)[1, 1]
    steps = 2 * np.pi / (np.sqrt(3) * period), 2 * np.pi / period
    along_x = xp.exp(1j * steps[0] * np.arange(-reach_x, reach_x + 1)[:, None] * x_nm)
    along_y = xp.exp(1j * steps[1] * y_nm[:, None] * np.arange(-reach_y, reach_y + 1))
    # The frame of the bottom layer is mirrored: (x, y) to (-x, y).
    both = xp.stack([along_x, along_x.conj()])
    return (along_y @ (padded[:, place] @ both)).real


def _rectangle(waves: Waves) -> tuple[np.ndarray, int, int]:
    """Return where the wave of each point of the rectangular grid of wavevectors is listed.

    Returns:
        Places, shape (q, p), among the constant, all other stars, their conjugates, and a zero; and
        the largest p and q. A wavevector (g1, g2) lies at p = 2 g1 - g2 along x and q = g2 along y.
    """
    count = len(waves.stars) - 1
    turned = members(waves)[:, 1:]
    every = np.concatenate([turned, -turned])
    p, q = 2 * every[..., 0] - every[..., 1], every[..., 1]
    reach_x, reach_y = int(p.max()), int(q.max())
    place = np.full((2 * reach_y + 1, 2 * reach_x + 1), 2 * count + 1)
    place[reach_y, reach_x] = 0
    star = 1 + np.arange(count)
    place[q[:3] + reach_y, p[:3] + reach_x] = star
    place[q[3:] + reach_y, p[3:] + reach_x] = count + star
    return place, reach_x, reach_y
