"""Commensurate twisted bilayer of two honeycomb layers.

The origin is the common hexagon centre about which the layers are turned, so that three-fold
rotations about z, and the two-fold axis along y that swaps the layers, map the sites onto
themselves.

Axes:
    layer: 0 = top (turned by -theta/2), 1 = bottom (turned by +theta/2).
    sublattice: the two sites A, B of a honeycomb cell.
    cell: the translations of one layer modulo the moire supercell. They form a cyclic group, and
        cell i sits at i (a1 + a2): a translation is a constant offset of the index.
    site: (layer, sublattice, cell) flattened in this order.
Units: nm; vectors lie in the plane.

Source: commensurate pairs (m, m + 1) give the paper's 1.01 to 3.89 degrees for m = 32 to 8
(inferred from the text, checked); the cyclic index is our choice.
"""

from typing import NamedTuple

import numpy as np

LAYERS = ("top", "bottom")
SUBLATTICES = 2
# A and B in units of a1 + a2; the hexagon centre is at 0.
SUBLATTICE_POSITIONS = np.array([1.0 / 3.0, 2.0 / 3.0])
# Where the three B sites around an A site lie, in cells along (a1, a2).
NEIGHBOUR_CELLS = np.array([[0, 0], [-1, 0], [0, -1]])


class Lattice(NamedTuple):
    """The two layers, but for the angle between them.

    Attributes:
        lattice_constant_nm: of each layer.
        layer_spacing_nm: vertical distance of the layers.
    """

    lattice_constant_nm: float
    layer_spacing_nm: float


class Bilayer(NamedTuple):
    """One commensurate moire supercell.

    Attributes:
        twist_index: the integer m.
        lattice_constant_nm: length of a1 and a2.
        layer_spacing_nm: vertical distance of the layers.
        primitive: a1 and a2 of each layer, shape (layer, 2, 2), last axis x, y.
        supercell: the two moire translations, shape (2, 2).
        strides: offset of the cell index for a1 and a2 of each layer, shape (layer, 2).
        positions: sites, shape (layer, sublattice, cell, 2).
    """

    twist_index: int
    lattice_constant_nm: float
    layer_spacing_nm: float
    primitive: np.ndarray
    supercell: np.ndarray
    strides: np.ndarray
    positions: np.ndarray

    @property
    def cells(self) -> int:
        """Number of honeycomb cells of one layer in the supercell, 3 m^2 + 3 m + 1."""
        return self.positions.shape[2]

    @property
    def sites(self) -> int:
        """Number of spins in the supercell."""
        return self.positions[..., 0].size


class Sites(NamedTuple):
    """All sites of the supercell, one row each.

    Attributes:
        positions_nm: shape (site, 3), z = 0 midway between the layers.
        layer: 0 for top, 1 for bottom, shape (site,).
        sublattice: 0 for A, 1 for B, shape (site,).
    """

    positions_nm: np.ndarray
    layer: np.ndarray
    sublattice: np.ndarray


def list_sites(bilayer: Bilayer) -> Sites:
    """Return where each site is and to which part of the bilayer it belongs."""
    layer, sublattice, _ = np.indices((len(LAYERS), SUBLATTICES, bilayer.cells))
    height = np.where(layer == 0, 0.5, -0.5)[..., None] * bilayer.layer_spacing_nm
    positions = np.concatenate([bilayer.positions, height], axis=-1)
    return Sites(positions.reshape(-1, 3), layer.ravel(), sublattice.ravel())


def twist_angle_deg(twist_index: int) -> float:
    """Return the twist angle (degree) of the commensurate pair (m, m + 1).

    Raises:
        ValueError: if `twist_index` is below 2.
    """
    m, n = twist_index, twist_index + 1
    if m < 2:
        raise ValueError(f"twist index is {m}: it must be an integer of at least 2")
    cosine = (m * m + 4 * m * n + n * n) / (2 * (m * m + m * n + n * n))
    return float(np.degrees(np.arccos(cosine)))


def rotation(angle_rad: float) -> np.ndarray:
    """Return the 2 x 2 matrix that turns a column vector by `angle_rad`."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[cosine, -sine], [sine, cosine]])


def build_bilayer(twist_index: int, lattice_constant_nm: float, layer_spacing_nm: float) -> Bilayer:
    """Return the commensurate bilayer of index m, with cells listed along a1 + a2.

    Raises:
        ValueError: if `twist_index` is below 2.
    """
    half_angle = np.radians(twist_angle_deg(twist_index)) / 2
    m = twist_index
    cells = 3 * m * m + 3 * m + 1
    untwisted = lattice_constant_nm * np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    primitive = np.stack([untwisted @ rotation(angle).T for angle in (-half_angle, half_angle)])
    # The same moire translations written in the vectors of the top layer.
    supercell = np.array([[m, m + 1], [-(m + 1), 2 * m + 1]]) @ primitive[0]
    strides = np.array([[m + 1, -m], [-m, m + 1]])

    along = np.arange(cells)[None, :] + SUBLATTICE_POSITIONS[:, None]
    diagonal = primitive.sum(axis=1)
    unfolded = along[None, :, :, None] * diagonal[:, None, None, :]
    positions = fold(unfolded, supercell)
    return Bilayer(
        m, lattice_constant_nm, layer_spacing_nm, primitive, supercell, strides, positions
    )


def fold(vectors: np.ndarray, supercell: np.ndarray) -> np.ndarray:
    """Return `vectors` (..., 2) folded to the copy nearest the origin.

    "Nearest" is meant in supercell coordinates: each lies in [-1/2, 1/2).
    """
    fractional = vectors @ np.linalg.inv(supercell)
    # Rounding noise must not throw a site on the cell's edge to either side at random.
    return (fractional - np.floor(fractional + 0.5 + 1e-9)) @ supercell


def locate(bilayer: Bilayer, layer: int, points: np.ndarray) -> np.ndarray:
    """Return the site index of the site of `layer` at each of `points` (..., 2).

    Raises:
        ValueError: if a point is further than 0.001 lattice constants from a site.
    """
    coordinates = points @ np.linalg.inv(bilayer.primitive[layer])
    found = np.full(points.shape[:-1], -1)
    for sublattice, shift in enumerate(SUBLATTICE_POSITIONS):
        nearest = np.rint(coordinates - shift)
        close = np.abs(coordinates - shift - nearest).max(axis=-1) < 1e-3
        cell = (nearest.astype(int) @ bilayer.strides[layer]) % bilayer.cells
        site = (layer * SUBLATTICES + sublattice) * bilayer.cells + cell
        found = np.where(close, site, found)
    if np.any(found < 0):
        raise ValueError(f"{np.sum(found < 0)} points are not sites of the {LAYERS[layer]} layer")
    return found


def intralayer_neighbours(bilayer: Bilayer) -> np.ndarray:
    """Return the three nearest neighbours of each site, shape (site, 3)."""
    cell = np.arange(bilayer.cells)[:, None]
    tables = []
    for layer in range(len(LAYERS)):
        first = layer * SUBLATTICES * bilayer.cells
        offsets = NEIGHBOUR_CELLS @ bilayer.strides[layer]
        tables.append(first + bilayer.cells + (cell + offsets) % bilayer.cells)
        tables.append(first + (cell - offsets) % bilayer.cells)
    return np.concatenate(tables)


class InterlayerPairs(NamedTuple):
    """All pairs of one top and one bottom site within a cutoff.

    Attributes:
        top: site index of the top partner, shape (pair,).
        bottom: site index of the bottom partner, shape (pair,).
        separation: r_top - r_bottom in the plane (nm), shape (pair, 2).
    """

    top: np.ndarray
    bottom: np.ndarray
    separation: np.ndarray


def interlayer_pairs(bilayer: Bilayer, cutoff_nm: float) -> InterlayerPairs:
    """Return the pairs whose 3-D distance is at most `cutoff_nm`.

    Raises:
        ValueError: if the cutoff does not exceed the layer spacing or reaches so far that a pair
            of sites could be joined twice.
    """
    spacing = bilayer.layer_spacing_nm
    if cutoff_nm <= spacing:
        raise ValueError(f"interlayer cutoff {cutoff_nm} nm must exceed the spacing {spacing} nm")
    reach = np.sqrt(cutoff_nm**2 - spacing**2)
    if 2 * reach >= np.linalg.norm(bilayer.supercell[0]):
        raise ValueError(
            f"interlayer cutoff {cutoff_nm} nm is too long for the supercell of m ="
            f" {bilayer.twist_index}: it must reach less than half a moire period in the plane"
        )
    top_positions = bilayer.positions[0].reshape(-1, 2)
    coordinates = top_positions @ np.linalg.inv(bilayer.primitive[1])
    # A cell's height is a sqrt(3)/2, and A, B lie within one cell of its corner.
    span = int(np.ceil(reach / (bilayer.lattice_constant_nm * np.sqrt(0.75)))) + 1
    window = np.stack(np.meshgrid(*[np.arange(-span, span + 1)] * 2, indexing="ij"), axis=-1)
    cells = np.floor(coordinates).astype(int)[:, None, :] + window.reshape(-1, 2)

    pairs = []
    for sublattice, shift in enumerate(SUBLATTICE_POSITIONS):
        separation = top_positions[:, None, :] - (cells + shift) @ bilayer.primitive[1]
        top, column = np.nonzero(np.linalg.norm(separation, axis=-1) <= reach)
        cell = (cells[top, column] @ bilayer.strides[1]) % bilayer.cells
        bottom = (SUBLATTICES + sublattice) * bilayer.cells + cell
        pairs.append(InterlayerPairs(top, bottom, separation[top, column]))
    merged = InterlayerPairs(*(np.concatenate(parts) for parts in zip(*pairs, strict=True)))
    order = np.lexsort((merged.bottom, merged.top))
    return InterlayerPairs(*(part[order] for part in merged))


def symmetry_maps(bilayer: Bilayer) -> dict[str, np.ndarray]:
    """Return site permutations of the bilayer's point group.

    Each array `p` (site,) says that the symmetry carries site i to site p[i]:
    `three_fold` turns by 120 degrees about z, `layer_swap` is the two-fold axis along y, which
    swaps the layers and takes (x, y) to (-x, y).
    """
    turn, flip = rotation(2 * np.pi / 3), np.diag([-1.0, 1.0])
    layers = range(len(LAYERS))
    flat = [bilayer.positions[layer].reshape(-1, 2) for layer in layers]
    return {
        "three_fold": np.concatenate([locate(bilayer, n, flat[n] @ turn.T) for n in layers]),
        "layer_swap": np.concatenate([locate(bilayer, 1 - n, flat[n] @ flip.T) for n in layers]),
    }
