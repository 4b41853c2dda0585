"""The trained texture model as the waves of the spins that the fits need.

The model draws the tilt phi of each layer's spins over the cell. Its spins (sin phi, 0, cos phi)
are taken on a grid of the cell, and their waves from there by a Fourier transform. The sublattices'
tilts differ by 2 delta, so that their mean spin is cos(delta) (sin phi, 0, cos phi).

Axes: as in `probes.waves`. A wave's index counts reciprocal moire vectors, at 0 and 120 degrees.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.inference.error_examples import ErrorExamples, nearest
from moirespin.inference.measurement import MD, SKETCH_REACH, Textures, ThetaJD
from moirespin.probes.stray_field import Moment, sheets
from moirespin.textures import model as trained
from moirespin.textures.angles import RESOLVED_RATIO
from moirespin.textures.cell import MIRROR_POINT, Waves, members, squared_length

# Points of the grid over the cell, over the largest index of the tilt's waves. Spins have shorter
# waves than their tilt; those that the grid folds back lie beyond this less 1 times that index
# beyond the ones that are wanted, where nothing is left of them.
OVERSAMPLING = 2.2
# A sketch knows the tilt up to this.
SKETCHED_TILT = 16.0
# Largest wavevector of the spins that is kept, in units of the shortest: walls of 2 nm in a cell of
# 40 nm.
REACH = 20.0


def wave_index(reach: float) -> np.ndarray:
    """Return the wavevectors up to a length, one of each pair, shape (wave, 2), shortest first."""
    span = np.arange(-int(1.2 * reach) - 1, int(1.2 * reach) + 2)
    index = np.stack(np.meshgrid(span, span, indexing="ij"), axis=-1).reshape(-1, 2)
    first, second = index.T
    half = (first > 0) | ((first == 0) & (second >= 0))
    squares = first * first + second * second - first * second
    index = index[half & (squares <= reach * reach + 1e-9)]
    return index[np.argsort(squares[half & (squares <= reach * reach + 1e-9)], kind="stable")]


def spin_grid_size(waves: Waves) -> int:
    """Return the points along a side of the grid over the cell, a product of small primes."""
    return 16 * int(np.ceil(OVERSAMPLING * np.abs(waves.stars).max() / 16))


def to_grid(waves: Waves, amplitudes: jax.Array) -> jax.Array:
    """Return two fields of amplitudes (..., 2, wave) on the grid of the cell, (..., 2, u1, u2).

    They are the real and imaginary part of one complex field, which saves half the transforms.
    """
    size = spin_grid_size(waves)
    source = np.zeros((size, size), int)
    flipped = np.zeros((size, size), bool)
    filled = np.zeros((size, size), bool)
    for turned in members(waves):
        for sign in (1, -1):
            place = tuple((sign * turned.T) % size)
            source[place], flipped[place] = np.arange(len(turned)), sign < 0
            filled[place] = True
    pairs = (amplitudes[..., 1::2] - 1j * amplitudes[..., 2::2]) / np.sqrt(6)
    factors = jnp.concatenate([amplitudes[..., :1].astype(pairs.dtype), pairs], axis=-1)
    spectrum = factors[..., source]
    spectrum = jnp.where(flipped, spectrum.conj(), spectrum) * filled
    both = jnp.fft.ifft2(spectrum[..., 0, :, :] + 1j * spectrum[..., 1, :, :]) * size**2
    return jnp.stack([both.real, both.imag], axis=-3)


def spin_waves(waves: Waves, tilt: jax.Array, index: np.ndarray) -> jax.Array:
    """Return the waves of the spins of both layers, complex, shape (layer, component, wave).

    Args:
        waves: of the tilt.
        tilt: amplitudes (rad), shape (layer, channel, wave).
        index: wavevectors wanted, one of each pair, shape (wave, 2).
    """
    mean, half = jnp.moveaxis(to_grid(waves, tilt), 1, 0)
    size = mean.shape[-1]
    # Components x and z as real and imaginary part, told apart by their symmetry.
    spectrum = jnp.fft.fft2(jnp.cos(half) * jnp.exp(1j * (0.5 * np.pi - mean))) / size**2
    # The bottom layer's frame is mirrored.
    own = [index, index @ MIRROR_POINT]
    plus, minus = (
        jnp.stack([spectrum[layer][tuple(sign * own[layer].T % size)] for layer in range(2)])
        for sign in (1, -1)
    )
    twice = np.where(np.any(index != 0, axis=1), 2.0, 1.0)
    along_x = 0.5 * twice * (plus + minus.conj())
    along_z = -0.5j * twice * (plus - minus.conj())
    return jnp.stack([along_x, jnp.zeros_like(along_x), along_z], axis=1)


def truncated(model: trained.TextureModel, reach: float) -> trained.TextureModel:
    """Return a model that has lost the waves of the tilt beyond a reach."""
    stars = model.waves.stars[squared_length(model.waves.stars) <= reach * reach + 1e-9]
    waves = Waves(stars, reach)
    bases = {
        name: basis._replace(
            mean=basis.mean[..., : waves.number], modes=basis.modes[..., : waves.number]
        )
        for name, basis in model.bases.items()
    }
    return model._replace(waves=waves, bases=bases)


def from_trained(
    model: trained.TextureModel, *, moment: Moment, examples: ErrorExamples | None
) -> Textures:
    """Return a trained model in the form that fits use.

    An angle that is measured is commensurate by chance only: the registry is that of the average.
    Below the smallest angle of the training the scaling law stands for it, as in `drawing`.

    Args:
        model: trained networks.
        moment: of an atom.
        examples: what the model got wrong for states that it was not trained on; None if unknown.
    """
    lattice = model.about["lattice"]
    smallest = model.about["smallest_trained_deg"]
    index = wave_index(REACH)
    registry = np.zeros(len(model.exchange))

    def inputs(at: ThetaJD, xp: Any) -> Any:
        twist_deg, exchange_mev, anisotropy_mev = at
        scale = xp.minimum(twist_deg / smallest, 1.0) ** 2
        angle = xp.maximum(twist_deg, smallest)
        return xp.stack(xp.broadcast_arrays(angle, exchange_mev * scale, anisotropy_mev), -1)

    def drawn_by(source: trained.TextureModel, wanted: np.ndarray) -> Callable[..., jax.Array]:
        def draw(branch: int, at: ThetaJD) -> jax.Array:
            parameters = inputs(at, jnp)
            kind = trained.DOMAIN if branch == MD else trained.NONCOLLINEAR
            tilt = trained.tilt(source, parameters, registry, branch=kind, xp=jnp)
            return spin_waves(source.waves, tilt, wanted)

        return draw

    def energies(at: ThetaJD) -> np.ndarray:
        # NumPy, because every call has another number of points, for which JAX would compile.
        parameters, twist_deg = inputs(at, np), at[0]
        every = np.zeros((*parameters.shape[:-1], len(registry)))
        found = trained.energies(model, parameters, every)
        # Sites of a moire cell: two layers of two per honeycomb cell.
        sites = 4 / (2 * np.sin(np.radians(twist_deg) / 2)) ** 2
        domain = np.where(found.order > 0, found.domain, np.inf)
        both = np.stack([found.noncollinear, domain], axis=-1) * np.asarray(sites)[..., None]
        narrow = parameters[..., 1] < RESOLVED_RATIO * parameters[..., 2]
        unresolved = narrow & (np.asarray(twist_deg) < smallest)
        return np.where(unresolved[..., None], np.inf, both)

    def misfit(branch: int, at: ThetaJD) -> np.ndarray:
        if examples is None:
            return np.zeros((1, 2, 3, len(index)))
        return nearest(examples, branch, at, index=index)

    ranges = model.about["ranges"]
    return Textures(
        index,
        drawn_by(model, index),
        drawn_by(truncated(model, SKETCHED_TILT), wave_index(SKETCH_REACH)),
        energies,
        misfit,
        tuple(ranges["twist_angle"]),
        tuple(ranges["exchange"]),
        tuple(ranges["anisotropy"]),
        lattice["lattice_constant_nm"],
        sheets(moment, **lattice),
    )
