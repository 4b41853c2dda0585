"""Fields over the moire cell: symmetric plane waves, and the sites of commensurate bilayers.

A field is a function of the fractional coordinates u = (u1, u2) of the moire cell, r = u1 L1 +
u2 L2 with L1 at 30 and L2 at 90 degrees. Each layer is looked at in its own frame: that of the
bottom layer is mirrored, (x, y) to (-x, y), so that both layers have the same sites and the
two-fold axis that swaps them carries a field of one layer to the same field of the other. In this
frame a layer has a three-fold axis, which the waves have built in.

A layer has two sublattices, whose fields differ slightly: each is smooth, both together are not.
They are kept as their mean and half their difference (channel 0 and 1).

Axes:
    wave: the constant, then cosine and sine of each star of plane waves, short wavevectors first,
        each of mean square 1 over the cell.
    channel: mean of the sublattices A and B, and (A - B) / 2.
    orbit: as in `branches`: one site of each three-fold orbit of a layer, A before B.
Units: wavevectors in reciprocal moire vectors, 2 pi left out.
Status: all of this is our choice.
"""

from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import SUBLATTICE_POSITIONS, Bilayer

# Matrices that turn a wavevector by the three-fold axis, and that mirror a coordinate.
TURN_WAVEVECTOR = np.array([[-1, 1], [-1, 0]])
MIRROR_POINT = np.array([[-1, 0], [1, 1]])
# Where a layer's sites cannot tell wavevectors apart, the shorter one gets most of the field. The
# weights hardly matter: a wall is several sites wide.
ZONE_SHARE = 0.1
ZONE_POWER = 4


class Waves(NamedTuple):
    """Symmetric plane waves up to some length.

    Attributes:
        stars: one wavevector of each star (G, -G and their three-fold turns), shortest first,
            shape (star, 2); the first is 0.
        reach: largest |G|, in units of the shortest one.
    """

    stars: np.ndarray
    reach: float

    @property
    def number(self) -> int:
        """Number of waves: the constant, and two for every other star."""
        return 2 * len(self.stars) - 1


def squared_length(wavevectors: np.ndarray) -> np.ndarray:
    """Return |G|^2 of integer wavevectors (..., 2), in units of the shortest one's."""
    first, second = wavevectors[..., 0], wavevectors[..., 1]
    return first * first + second * second - first * second


def build_waves(reach: float) -> Waves:
    """Return the waves with |G| up to `reach` shortest wavevectors."""
    span = np.arange(-int(1.2 * reach) - 1, int(1.2 * reach) + 2)
    grid = np.stack(np.meshgrid(span, span, indexing="ij"), axis=-1).reshape(-1, 2)
    grid = grid[squared_length(grid) <= reach * reach + 1e-9]
    turned = _turns(grid)
    members = np.concatenate([turned, -turned]).swapaxes(0, 1)
    # The same for all members of a star: the one that comes last in the order of (g1, g2).
    keys = members[..., 0] * (4 * len(span)) + members[..., 1]
    own = grid[:, 0] * (4 * len(span)) + grid[:, 1]
    stars = grid[own == keys.max(axis=1)]
    order = np.lexsort((stars[:, 1], stars[:, 0], squared_length(stars)))
    return Waves(stars[order], float(reach))


def members(waves: Waves) -> np.ndarray:
    """Return the three turned wavevectors of each star, shape (3, star, 2)."""
    return _turns(waves.stars)


def _turns(wavevectors: np.ndarray) -> np.ndarray:
    once = wavevectors @ TURN_WAVEVECTOR.T
    return np.stack([wavevectors, once, once @ TURN_WAVEVECTOR.T])


def as_complex(waves: Waves, amplitudes: np.ndarray) -> np.ndarray:
    """Return the factor of exp(2 pi i G.u) for each star, (..., star), of amplitudes (..., wave).

    That of -G is its complex conjugate; the constant's is twice its half.
    """
    cosine, sine = amplitudes[..., 1::2], amplitudes[..., 2::2]
    first = np.asarray(amplitudes[..., :1], complex)
    return np.concatenate([first, (cosine - 1j * sine) / np.sqrt(6)], axis=-1)


def as_amplitudes(factors: np.ndarray) -> np.ndarray:
    """Return amplitudes (..., wave) of factors (..., star): the inverse of `as_complex`."""
    cosine, sine = np.sqrt(6) * factors[..., 1:].real, -np.sqrt(6) * factors[..., 1:].imag
    pairs = np.stack([cosine, sine], axis=-1)
    pairs = pairs.reshape(*factors.shape[:-1], 2 * cosine.shape[-1])
    return np.concatenate([factors[..., :1].real, pairs], axis=-1)


def evaluate_waves(waves: Waves, points: np.ndarray) -> np.ndarray:
    """Return each wave at fractional coordinates (point, 2) of a layer's frame, (point, wave)."""
    total = sum(np.exp(2j * np.pi * (points @ turned[1:].T)) for turned in members(waves))
    pairs = np.stack([total.real, total.imag], axis=-1) * np.sqrt(2 / 3)
    return np.concatenate([np.ones((len(points), 1)), pairs.reshape(len(points), -1)], axis=1)


def site_points(bilayer: Bilayer, layer: int) -> np.ndarray:
    """Return the sites of a layer in its own frame, shape (sublattice, cell, 2)."""
    points = bilayer.positions[layer] @ np.linalg.inv(bilayer.supercell)
    return points @ MIRROR_POINT.T if layer else points


def fit_waves(waves: Waves, bilayer: Bilayer, field: np.ndarray) -> np.ndarray:
    """Return the amplitudes (..., channel, wave) of a field given at the sites of a layer.

    Sublattice by sublattice the sites are a lattice of their own, so that a Fourier transform of
    one dimension, along the cyclic index of the cells, gives the one interpolation that is exact
    at the sites and has the least of short waves. What is longer than `waves.reach` is left out.

    Args:
        waves: the waves.
        bilayer: the sites.
        field: values of three-fold symmetry at the sites of either layer, shape (..., sublattice,
            cell). In its own frame the bottom layer has the sites of the top layer, turned.
    """
    cells = bilayer.cells
    zone = 0.5 * np.sqrt(cells)
    wide = build_waves(max(waves.reach, 1.5 * zone))
    step = np.rint(bilayer.primitive[0].sum(axis=0) @ np.linalg.inv(bilayer.supercell) * cells)
    along = members(wide) @ step.astype(int)
    weight = (ZONE_SHARE + squared_length(wide.stars) / zone**2) ** -ZONE_POWER
    # Wavevectors that the sites cannot tell apart share what the transform finds. All six members
    # of a star count, but the constant only once.
    counted = np.where(np.arange(len(weight)) > 0, weight, weight / 6)
    classes = np.concatenate([along, -along]).ravel() % cells
    total = np.bincount(classes, np.tile(counted, 6), cells)
    spectrum = np.fft.fft(field, axis=-1) / cells
    fitted = np.zeros((*field.shape[:-1], len(waves.stars)), complex)
    for turned in along[:, : len(waves.stars)]:
        share = weight[: len(turned)] / total[turned % cells]
        phase = np.exp(-2j * np.pi * SUBLATTICE_POSITIONS[:, None] * turned / cells)
        fitted = fitted + spectrum[..., turned % cells] * phase * share / 3
    mean, half = fitted.mean(axis=-2), 0.5 * (fitted[..., 0, :] - fitted[..., 1, :])
    return as_amplitudes(np.stack([mean, half], axis=-2))
