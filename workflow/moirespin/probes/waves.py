"""A spin texture as plane waves, and where it lies under the microscope.

Every probe of this package is linear in the spins and the same at every place, so that it
multiplies each plane wave by a number. A texture that repeats with the moire cell is therefore kept
as the sum of its waves, and turned into pixels at the very end:

    S(r) = Re sum_w amplitude_w exp(i G_w . r) .

Any set of waves will do that gives the texture: both of each pair +G and -G, or one of them with
twice the amplitude.

Axes:
    layer: 0 = top, 1 = bottom, as in `lattice`.
    component: x, y, z.
    wave: reciprocal vectors.
Units: nm and 1/nm; spins are unit vectors.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class PlaneWaves(NamedTuple):
    """The spins of both layers as plane waves.

    Attributes:
        wavevectors: G (1/nm), shape (wave, 2).
        amplitudes: complex, shape (layer, component, wave).
    """

    wavevectors: jax.Array
    amplitudes: jax.Array


def moire_wavevectors(supercell: np.ndarray, largest_per_nm: float) -> np.ndarray:
    """Return the reciprocal vectors of a moire lattice within a circle, shape (wave, 2), in 1/nm.

    One of each pair +G and -G is listed, shortest first and 0 at the head.

    Args:
        supercell: the two moire translations (nm), shape (2, 2).
        largest_per_nm: radius of the circle.
    """
    reciprocal = 2 * np.pi * np.linalg.inv(supercell).T
    # In a hexagonal lattice the index of a vector is at most its length over the height of a cell.
    reach = int(largest_per_nm / (np.sqrt(0.75) * np.linalg.norm(reciprocal[0]))) + 1
    index = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij"), axis=-1)
    index = index.reshape(-1, 2)
    first, second = index.T
    index = index[(first > 0) | ((first == 0) & (second >= 0))]
    length = np.linalg.norm(index @ reciprocal, axis=1)
    order = np.argsort(np.round(length, 9), kind="stable")
    return (index @ reciprocal)[order[length[order] <= largest_per_nm]]


def waves_of_sites(positions: np.ndarray, spins: np.ndarray, wavevectors: np.ndarray) -> np.ndarray:
    """Return the plane waves of the spins of a supercell, shape (layer, component, wave).

    The sites of a layer are a regular lattice, on which the waves of the moire lattice are
    orthogonal up to half its own reciprocal vector (5.3/nm in CrI3): within that circle a
    projection is exact and no fit is needed.

    Args:
        positions: sites of each layer (nm), shape (layer, site, 2).
        spins: shape (layer, site, component).
        wavevectors: from `moire_wavevectors`, one of each pair.
    """
    phases = np.exp(-1j * positions @ wavevectors.T)
    share = np.where(np.any(wavevectors != 0, axis=1), 2.0, 1.0) / positions.shape[1]
    return np.einsum("lsw,lsc->lcw", phases, spins) * share


def turn(texture: PlaneWaves, angle_rad: jax.Array) -> PlaneWaves:
    """Return a texture turned about the origin; its spins keep their directions.

    Eq. (1) does not tie the spins to the lattice but for the axis z, so that a turn of the crystal
    does not turn them.
    """
    cosine, sine = jnp.cos(angle_rad), jnp.sin(angle_rad)
    matrix = jnp.stack([jnp.stack([cosine, -sine]), jnp.stack([sine, cosine])])
    return texture._replace(wavevectors=texture.wavevectors @ matrix.T)


def shift(texture: PlaneWaves, offset_nm: jax.Array) -> PlaneWaves:
    """Return a texture moved by `offset_nm` (2,)."""
    phase = texture.wavevectors @ offset_nm
    return texture._replace(amplitudes=texture.amplitudes * jnp.exp(-1j * phase))


def turn_spins(texture: PlaneWaves, angle_rad: jax.Array) -> PlaneWaves:
    """Return a texture with all spins turned about z, which costs no energy in eq. (1)."""
    cosine, sine = jnp.cos(angle_rad), jnp.sin(angle_rad)
    x, y, z = jnp.moveaxis(texture.amplitudes, 1, 0)
    turned = jnp.stack([cosine * x - sine * y, sine * x + cosine * y, z], axis=1)
    return texture._replace(amplitudes=turned)


def mirror(texture: PlaneWaves) -> PlaneWaves:
    """Return the texture of the bilayer with the opposite twist: (x, y) to (-x, y)."""
    return texture._replace(wavevectors=texture.wavevectors * jnp.array([-1.0, 1.0]))


def swap_layers(texture: PlaneWaves) -> PlaneWaves:
    """Return the degenerate texture whose layers have changed roles.

    The two-fold axis along y takes (x, y) to (-x, y) and the top layer to the bottom one.
    """
    return mirror(texture._replace(amplitudes=texture.amplitudes[::-1]))


def reverse(texture: PlaneWaves) -> PlaneWaves:
    """Return the degenerate texture with every spin reversed."""
    return texture._replace(amplitudes=-texture.amplitudes)


def sample(
    wavevectors: jax.Array, amplitudes: jax.Array, x_nm: jax.Array, *, y_nm: jax.Array
) -> jax.Array:
    """Return waves on a rectangular grid of points, shape (..., y, x).

    exp(i G . r) is a product of a function of x and one of y: the sum over waves is a product of
    two thin matrices.

    Args:
        wavevectors: G (1/nm), shape (wave, 2).
        amplitudes: complex, shape (..., wave).
        x_nm: shape (x,).
        y_nm: shape (y,).
    """
    along_x = jnp.exp(1j * wavevectors[:, :1] * x_nm)
    phase_y = y_nm[:, None] * wavevectors[:, 1]
    columns = amplitudes[..., :, None] * along_x
    # Two real products: the imaginary part of the sum is not wanted.
    return jnp.cos(phase_y) @ columns.real - jnp.sin(phase_y) @ columns.imag


def at_points(wavevectors: jax.Array, amplitudes: jax.Array, points_nm: jax.Array) -> jax.Array:
    """Return waves at scattered points (point, 2), shape (..., point)."""
    phases = jnp.exp(1j * wavevectors @ points_nm.T)
    return (amplitudes @ phases).real


def lengths(wavevectors: jax.Array) -> jax.Array:
    """Return |G| (wave,), with a derivative of 0 instead of none at G = 0."""
    squares = jnp.sum(wavevectors**2, axis=-1)
    still = squares == 0
    return jnp.where(still, 0, jnp.sqrt(jnp.where(still, 1, squares)))
