"""What an experiment can know of J and D at best: bounds of Cramer and Rao for each kind of probe.

An image of many moire cells is the sum of plane waves that are orthogonal on it, so that its Fisher
information is a sum over the waves and grows with the number of pixels:

    F_ab = pixels / variance * sum_w Re (dA_w/da)* (dA_w/db) / 2 ,   a, b = ln J, D ,

where A_w is what channel, height and point spread leave of a wave. The twist angle, turn and place
of the texture change phases or wavevectors, and J and D change amplitudes only: in an image of many
cells the former are known far better and take no information from the latter. Gain and offset are
unknown unless said otherwise: the wave at 0 is left out, and the direction of A itself is projected
out. Status: our own derivation, tested against the information of pixels in an image.

Units: nm, meV, degree; noise in unit spins, of the stray field in microtesla.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from moirespin.inference.measurement import BRANCHES, Textures
from moirespin.inference.seen_waves import moire_basis
from moirespin.probes.instrument import CHANNELS, Instrument, resolution
from moirespin.probes.waves import PlaneWaves
from moirespin.states.parameter_space import Box

# Height of the sensor (nm) where resolution or angle vary.
USUAL_HEIGHT_NM = 8.0
# A texture whose waves an image hardly shows has an information matrix that is not to be inverted.
LEAST_CONDITION = 1e-12


class Study(NamedTuple):
    """What is varied, and what holds otherwise.

    Attributes:
        states: along J and along D.
        twist_deg: angles.
        area_nm2: of the image.
        pixel_nm: distance of pixels.
        noise_spin, noise_ut: standard deviation of the noise of a pixel.
        point_spread_nm: standard deviations; the first holds where another quantity varies.
        height_nm: of the sensor of a stray field.
    """

    states: int
    twist_deg: Sequence[float]
    area_nm2: float
    pixel_nm: float
    noise_spin: float
    noise_ut: float
    point_spread_nm: Sequence[float]
    height_nm: Sequence[float]


class Look(NamedTuple):
    """One way to take an image.

    Attributes:
        channel: of `probes.instrument.CHANNELS`.
        point_spread_nm: standard deviation.
        height_nm: of the sensor of a stray field.
    """

    channel: str
    point_spread_nm: float
    height_nm: float


@partial(jax.jit, static_argnames=("model", "branch"))
def texture_and_slopes(
    state: jax.Array, *, model: Textures, branch: int
) -> tuple[jax.Array, jax.Array]:
    """Return wavevectors (wave, 2), and the spins' waves with their slopes by ln J and D.

    Args:
        state: ln theta, ln J, D, shape (3,).
        model: textures.
        branch: index into BRANCHES.

    Returns:
        Shapes (wave, 2) and (3, layer, component, wave): the waves themselves first.
    """

    def amplitudes(pair: jax.Array) -> jax.Array:
        return model.amplitudes(branch, (jnp.exp(state[0]), jnp.exp(pair[0]), pair[1]))

    value, push = jax.linearize(amplitudes, state[1:])
    slopes = [push(direction) for direction in jnp.eye(2)]
    basis = moire_basis(state[0], model.lattice_constant_nm)
    return jnp.asarray(model.index, float) @ basis, jnp.stack([value, *slopes])


@partial(jax.jit, static_argnames=("channel", "model"))
def look_at(
    wavevectors: jax.Array,
    spins: jax.Array,
    point_spread_nm: float,
    *,
    height_nm: float,
    channel: str,
    model: Textures,
) -> jax.Array:
    """Return what an instrument leaves of waves (part, layer, component, wave).

    Args:
        wavevectors: shape (wave, 2).
        spins: of several textures or derivatives.
        point_spread_nm: standard deviation.
        height_nm: of the sensor.
        channel: of `probes.instrument.CHANNELS`.
        model: whose moments are seen.

    Returns:
        Shape (part, image, wave).
    """
    instrument = Instrument(
        jnp.asarray(point_spread_nm),
        jnp.asarray(0.0),
        jnp.asarray(height_nm),
        jnp.array([0.0, 0.0, 1.0]),
        model.magnet,
    )

    def see(part: jax.Array) -> jax.Array:
        return CHANNELS[channel](PlaneWaves(wavevectors, part), instrument)

    return jax.vmap(see)(spins) * resolution(wavevectors, instrument)


def information(
    seen: np.ndarray, slopes: np.ndarray, *, pixels: float, variance: float, free_gain: bool
) -> np.ndarray:
    """Return the Fisher information on ln J and D of an image of many cells, shape (2, 2).

    Args:
        seen: waves in the image, one of each pair, shape (image, wave); the first is that at 0.
        slopes: their derivatives by ln J and D, shape (2, image, wave).
        pixels: of each image.
        variance: of the noise of a pixel.
        free_gain: whether gain and offset are unknown.
    """
    # The mean square of Re A exp(iGr) is |A|^2 / 2, and that of the constant is its square.
    weight = np.full(seen.shape[-1], 0.5)
    weight[0] = 0.0 if free_gain else 1.0
    flat = np.concatenate([slopes * np.sqrt(weight), (seen * np.sqrt(weight))[None]])
    flat = flat.reshape(len(flat), -1)
    gram = (flat.conj() @ flat.T).real * pixels / variance
    if not free_gain:
        return gram[:2, :2]
    power = gram[2, 2]
    return gram[:2, :2] - np.outer(gram[:2, 2], gram[2, :2]) / (power if power > 0 else 1.0)


def relative_bounds(matrix: np.ndarray, anisotropy_mev: float) -> tuple[float, float]:
    """Return the least relative errors of J and D, infinite where the image says nothing."""
    values = np.linalg.eigvalsh(matrix)
    if not values[0] > LEAST_CONDITION * values[1]:
        return np.inf, np.inf
    exchange, anisotropy = np.sqrt(np.diag(np.linalg.inv(matrix)))
    return float(exchange), float(anisotropy / anisotropy_mev)


def looks(study: Study) -> Iterator[tuple[str, float, Look, bool]]:
    """Yield (what is varied, its value or NaN for the angle, look, whether the gain is free)."""
    sharp = study.point_spread_nm[0]
    for channel in CHANNELS:
        for free in (True, False):
            yield "twist_deg", np.nan, Look(channel, sharp, USUAL_HEIGHT_NM), free
    for value in study.point_spread_nm:
        for channel in ("net", "top"):
            yield "point_spread_nm", value, Look(channel, value, USUAL_HEIGHT_NM), True
    for value in study.height_nm:
        yield "height_nm", value, Look("stray-field", sharp, value), True


def probe_limits(study: Study, box: Box, model: Textures) -> pd.DataFrame:
    """Return the least relative errors of J and D of ground states seen by each probe.

    States lie at the centres of equal cells of the box of J and D; ferromagnets are left out.

    Args:
        study: what is varied.
        box: of J and D.
        model: textures.

    Returns:
        One row per angle, state and look: `twist_angle_deg`, `exchange_mev`, `anisotropy_mev`,
        `phase`, `varied`, `value`, `channel`, `point_spread_nm`, `height_nm`, `gain` (free or
        known), `exchange_bound`, `anisotropy_bound` (relative).
    """
    pixels = study.area_nm2 / study.pixel_nm**2
    share = (np.arange(study.states) + 0.5) / study.states
    exchange, anisotropy = (ends[0] + (ends[1] - ends[0]) * share for ends in box)
    rows = []
    for twist in study.twist_deg:
        plane = np.stack(np.meshgrid(exchange, anisotropy), axis=-1).reshape(-1, 2)
        energies = np.asarray(model.energies((np.full(len(plane), twist), *plane.T)))
        for pair, own in zip(plane, energies, strict=True):
            if not own.min() < 0:
                continue
            branch = int(np.argmin(own))
            state = jnp.array([np.log(twist), np.log(pair[0]), pair[1]])
            wavevectors, parts = texture_and_slopes(state, model=model, branch=branch)
            about = {"twist_angle_deg": twist, "exchange_mev": pair[0], "anisotropy_mev": pair[1]}
            about["phase"] = BRANCHES[branch]
            for varied, setting, look, free in looks(study):
                noise = study.noise_ut if look.channel == "stray-field" else study.noise_spin
                seen = look_at(
                    wavevectors,
                    parts,
                    look.point_spread_nm,
                    height_nm=look.height_nm,
                    channel=look.channel,
                    model=model,
                )
                matrix = information(
                    np.asarray(seen[0]),
                    np.asarray(seen[1:]),
                    pixels=pixels,
                    variance=noise**2,
                    free_gain=free,
                )
                bounds = relative_bounds(matrix, pair[1])
                row = about | {"varied": varied, "value": twist if np.isnan(setting) else setting}
                row |= look._asdict() | {"gain": "free" if free else "known"}
                rows.append(
                    row | dict(zip(("exchange_bound", "anisotropy_bound"), bounds, strict=True))
                )
    return pd.DataFrame(rows)
