"""From parameters to the waves that a probe sees: the compiled part of a fit.

Programs depend on the model, its branch, the channel and on which parameters there are, and on
nothing else. In particular they know no pixels, and all of a model's waves are computed however
many a fit uses: so that few programs are compiled, and a second image needs none.

Axes: as in `forward`; point: parameters of several textures.
Units: as in `forward`; wavevectors in 1/nm.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.inference.measurement import Textures
from moirespin.probes import waves
from moirespin.probes.instrument import CHANNELS, Instrument, resolution

CORE = ("log_twist", "log_exchange", "anisotropy", "rotation", "x", "y")
# Reaches of the waves in shortest wavevectors, of which a fit takes the least that will do.
REACHES = (6, 8, 10, 12, 14, 17, 20)
# Points that a compiled program takes at once.
CHUNK = 16


class Setting(NamedTuple):
    """What decides the shape of a fit; images with the same share their compiled programs.

    Attributes:
        channel: what the probe sees.
        names: nonlinear parameters.
        free_gain: whether gain and background are unknown.
    """

    channel: str
    names: tuple[str, ...]
    free_gain: bool


class Copy(NamedTuple):
    """Which of the equivalent textures.

    Attributes:
        mirrored: -1 for the opposite handedness (sign of the twist, or rows read downwards).
        swapped: 1 if the layers have changed roles.
        sign: -1 if every spin is reversed.
    """

    mirrored: jax.Array | float
    swapped: jax.Array | float
    sign: jax.Array | float


class Linearised(NamedTuple):
    """The waves that a probe sees, and how they change.

    Attributes:
        wavevectors: shape (wave, 2).
        waves: complex, shape (image, wave).
        slopes: their derivatives while the wavevectors stay, complex, (parameter, image, wave).
    """

    # Arrays of JAX within compiled programs, of NumPy outside.
    wavevectors: Any
    waves: Any
    slopes: Any


def moire_basis(log_twist: jax.Array, lattice_constant_nm: float) -> jax.Array:
    """Return the two reciprocal moire vectors of the canonical pose (1/nm), shape (2, 2).

    The period is L = a / (2 sin(theta / 2)); moire vectors lie at 30 and 90 degrees, so that
    reciprocal ones lie at 0 and 120.
    """
    half = jnp.radians(jnp.exp(log_twist)) / 2
    length = 4 * jnp.pi / np.sqrt(3) * 2 * jnp.sin(half) / lattice_constant_nm
    return length * jnp.array([[1.0, 0.0], [-0.5, np.sqrt(0.75)]])


def wave_lengths(index: np.ndarray) -> np.ndarray:
    """Return |G| of indices (wave, 2) in units of the shortest."""
    first, second = index[:, 0], index[:, 1]
    return np.sqrt(first**2 + second**2 - first * second)


def pose(
    amplitudes: jax.Array,
    parameters: dict,
    copy: Copy,
    *,
    index: np.ndarray,
    lattice_constant_nm: float,
) -> waves.PlaneWaves:
    """Return a texture in the frame of the image.

    Args:
        amplitudes: in the canonical pose, shape (layer, component, wave).
        parameters: of `Setting.names`.
        copy: which of the equivalent textures.
        index: of the waves, shape (wave, 2).
        lattice_constant_nm: of the honeycomb.
    """
    amplitudes = jnp.where(copy.swapped == 1, amplitudes[::-1], amplitudes) * copy.sign
    wavevectors = jnp.asarray(index, float) @ moire_basis(
        parameters["log_twist"], lattice_constant_nm
    )
    # A mirror for the handedness, and one that goes with the change of layers.
    mirrored = copy.mirrored * jnp.where(copy.swapped == 1, -1.0, 1.0)
    wavevectors = wavevectors * jnp.stack([mirrored, jnp.ones_like(mirrored)])
    texture = waves.turn(waves.PlaneWaves(wavevectors, amplitudes), parameters["rotation"])
    if "azimuth" in parameters:
        texture = waves.turn_spins(texture, parameters["azimuth"])
    return waves.shift(texture, jnp.stack([parameters["x"], parameters["y"]]))


def look(
    amplitudes: jax.Array,
    point: jax.Array,
    copy: Copy,
    *,
    instrument: Instrument,
    index: np.ndarray,
    model: Textures,
    setting: Setting,
) -> waves.PlaneWaves:
    """Return what the probe sees of a texture at a point: waves (image, wave) and wavevectors."""
    parameters = dict(zip(setting.names, point, strict=True))
    texture = pose(
        amplitudes, parameters, copy, index=index, lattice_constant_nm=model.lattice_constant_nm
    )
    if "height" in parameters:
        instrument = instrument._replace(height_nm=parameters["height"])
    if "point_spread" in parameters:
        instrument = instrument._replace(point_spread_nm=parameters["point_spread"])
    seen = CHANNELS[setting.channel](texture, instrument)
    return waves.PlaneWaves(texture.wavevectors, seen * resolution(texture.wavevectors, instrument))


def _amplitudes(model: Textures, branch: int) -> Callable[[jax.Array], jax.Array]:
    """Return the model's amplitudes as a function of (ln theta, ln J, D)."""
    return lambda core: model.amplitudes(branch, (jnp.exp(core[0]), jnp.exp(core[1]), core[2]))


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def _linearise(
    point: jax.Array,
    copy: Copy,
    instrument: Instrument,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> Linearised:
    call: dict[str, Any] = {
        "instrument": instrument,
        "index": model.index,
        "model": model,
        "setting": setting,
    }
    texture = _amplitudes(model, branch)
    changes, amplitudes = jax.jacfwd(lambda core: (texture(core),) * 2, has_aux=True)(point[:3])

    def seen(point: jax.Array, amplitudes: jax.Array) -> waves.PlaneWaves:
        return look(amplitudes, point, copy, **call)

    found = seen(point, amplitudes)
    slopes = jax.jacfwd(lambda point: seen(point, amplitudes).amplitudes)(point)
    slopes = jnp.moveaxis(slopes, -1, 0)
    through = jax.vmap(lambda change: seen(point, change).amplitudes, -1)(changes)
    return Linearised(found.wavevectors, found.amplitudes, slopes.at[:3].add(through))


def linearise(
    point: np.ndarray,
    copy: Copy,
    instrument: Instrument,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> Linearised:
    """Return the waves that the probe sees of a point (parameter,), with their derivatives.

    The texture's amplitudes are differentiated apart from the probe: most parameters do not need
    the model's derivatives, which cost most.
    """
    call: dict[str, Any] = {
        "model": model,
        "branch": branch,
        "setting": setting._replace(free_gain=False),
    }
    found = _linearise(np.asarray(point, float), copy, instrument, **call)
    return Linearised(*map(np.array, found))


@partial(jax.jit, static_argnames=("model", "branch", "setting"))
def _see(
    points: jax.Array,
    copy: Copy,
    instrument: Instrument,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> waves.PlaneWaves:
    call: dict[str, Any] = {
        "instrument": instrument,
        "index": model.index,
        "model": model,
        "setting": setting,
    }

    def one(point: jax.Array) -> waves.PlaneWaves:
        amplitudes = _amplitudes(model, branch)(point[:3])
        return look(amplitudes, point, copy, **call)

    return jax.vmap(one)(points)


def see(
    points: np.ndarray,
    copy: Copy,
    instrument: Instrument,
    *,
    model: Textures,
    branch: int,
    setting: Setting,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the wavevectors (point, wave, 2) and what the probe sees (point, image, wave)."""
    call: dict[str, Any] = {
        "model": model,
        "branch": branch,
        "setting": setting._replace(free_gain=False),
    }
    found = [_see(rows, copy, instrument, **call) for rows in chunks(points, CHUNK)]
    vectors, seen = (np.concatenate(parts)[: len(points)] for parts in zip(*found, strict=True))
    return vectors, seen


def chunks(points: np.ndarray, size: int) -> list[np.ndarray]:
    """Return points (point, ...) in pieces of one size, the last filled up with its last point."""
    missing = -len(points) % size
    filled = np.concatenate([points, np.repeat(points[-1:], missing, axis=0)])
    return np.split(filled, len(filled) // size)


@partial(jax.jit, static_argnames=("model", "setting"))
def see_errors(
    errors: jax.Array,
    point: jax.Array,
    copy: Copy,
    *,
    instrument: Instrument,
    model: Textures,
    setting: Setting,
) -> jax.Array:
    """Return what the probe sees of textures added to that of a point, (example, image, wave).

    Args:
        errors: amplitudes in the canonical pose, shape (example, layer, component, wave).
        point: parameters.
        copy: which of the equivalent textures.
        instrument: what is known of it.
        model: whose waves these are.
        setting: which parameters there are.
    """
    call: dict[str, Any] = {
        "instrument": instrument,
        "index": model.index,
        "model": model,
        "setting": setting,
    }

    def one(error: jax.Array) -> jax.Array:
        seen = look(error, point, copy, **call)
        return seen.amplitudes

    return jax.vmap(one)(errors)
