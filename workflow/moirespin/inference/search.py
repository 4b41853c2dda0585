"""Where fits start: all branches, copies, places and (J, D) of a grid against the image's waves.

The image is reduced to the amplitudes of its first waves on a lattice from `period`. A texture
then costs a few dozen numbers, and all its places in the cell are one product of matrices: the
whole grid is compared, and no mode is missed.

Axes: as in `forward`; node: points of the (J, D) grid; place: points of the cell.
"""

from functools import partial
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.inference.forward import Data
from moirespin.inference.measurement import (
    BRANCHES,
    MD,
    SKETCH_REACH,
    Knowledge,
    Measurement,
    Textures,
)
from moirespin.inference.period import MoireLattice
from moirespin.inference.seen_waves import Copy, Setting, look, moire_basis, wave_lengths
from moirespin.probes.instrument import Instrument

EXCHANGE_NODES = 16
ANISOTROPY_NODES = 12
PLACES = 24
AZIMUTHS = 8
# Starts taken from one copy of one branch at most.
STARTS_PER_COPY = 3


class Start(NamedTuple):
    """A point to start a fit from.

    Attributes:
        branch: index into BRANCHES.
        copy: which of the equivalent textures.
        point: shape (parameter,).
        misfit: sum of squares over pixels that the compared waves leave, about.
    """

    branch: int
    copy: Copy
    point: np.ndarray
    misfit: float


def copies(channel: str, branch: int, free_gain: bool) -> list[Copy]:
    """Return the textures that the channel can tell apart, other than by turn and place.

    Reversing every spin is a gain of the other sign. A noncollinear texture does not change when
    the layers are swapped, which takes a mirror; the mean of both layers sees of a swap the mirror
    alone.
    """
    mirrors = (1,) if channel == "net" and branch != MD else (1, -1)
    swaps = (0, 1) if channel != "net" and branch == MD else (0,)
    signs = (1,) if free_gain else (1, -1)
    return [
        Copy(float(mirrored), float(swapped), float(sign))
        for mirrored in mirrors
        for swapped in swaps
        for sign in signs
    ]


def image_waves(measurement: Measurement, data: Data, wavevectors: np.ndarray) -> np.ndarray:
    """Return the least-squares amplitudes of waves in each image, complex, shape (image, wave).

    Args:
        measurement: the pixels.
        data: the same less their background.
        wavevectors: without 0, one of each pair, shape (wave, 2), in 1/nm.
    """
    x, y = measurement.centres_nm
    phase = (wavevectors[:, :1] * x)[:, None, :] + (wavevectors[:, 1:] * y)[:, :, None]
    design = np.concatenate([np.cos(phase), -np.sin(phase)]).reshape(2 * len(wavevectors), -1)
    plane = np.stack(np.broadcast_arrays(1.0, x, y[:, None])).reshape(3, -1)
    design = np.concatenate([design, plane])
    found = []
    values = (measurement.images * measurement.seen).reshape(len(measurement.images), -1)
    for image, seen in zip(values, measurement.seen.reshape(values.shape), strict=True):
        used = design * seen
        normal = used @ used.T
        # Neighbouring waves are hard to tell apart in an image of one cell.
        normal += 1e-6 * np.diag(np.diag(normal))
        solved = np.linalg.solve(normal, used @ image)
        real, imaginary = solved[: 2 * len(wavevectors)].reshape(2, -1)
        found.append(real + 1j * imaginary)
    return np.array(found)


@partial(jax.jit, static_argnames=("model", "branch"))
def _sketches(log_twist: float, nodes: jax.Array, *, model: Textures, branch: int) -> jax.Array:
    """Return rough textures at (ln J, D), shape (node, layer, component, wave)."""
    twist = jnp.exp(log_twist)
    return jax.vmap(lambda node: model.sketch(branch, (twist, jnp.exp(node[0]), node[1])))(nodes)


@partial(jax.jit, static_argnames=("model", "setting"))
def _observed(
    textures: jax.Array,
    point: jax.Array,
    copy: Copy,
    *,
    instrument: Instrument,
    model: Textures,
    setting: Setting,
) -> jax.Array:
    """Return the waves that the probe sees of many textures, shape (node, image, wave)."""
    index = sketched(model)
    call: dict[str, Any] = {
        "instrument": instrument,
        "index": index,
        "model": model,
        "setting": setting,
    }

    def one(texture: jax.Array) -> jax.Array:
        seen = look(texture, point, copy, **call)
        return seen.amplitudes

    return jax.vmap(one)(textures)


def sketched(model: Textures) -> np.ndarray:
    """Return the waves that are compared, shape (wave, 2)."""
    return model.index[wave_lengths(model.index) <= SKETCH_REACH + 1e-9]


def grid_nodes(known: Knowledge, twist_deg: float) -> np.ndarray:
    """Return (ln J, D) of the grid, shape (J, D, 2)."""
    exchange = np.log(np.geomspace(*known.exchange_mev, EXCHANGE_NODES))
    anisotropy = np.linspace(*known.anisotropy_mev, ANISOTROPY_NODES)
    return np.stack(np.meshgrid(exchange, anisotropy, indexing="ij"), axis=-1)


def compare(
    measurement: Measurement,
    data: Data,
    known: Knowledge,
    *,
    lattice: MoireLattice,
    model: Textures,
    setting: Setting,
) -> list[Start]:
    """Return starts on one lattice, best first; none where a branch is no state of the bilayer.

    Args:
        measurement: the pixels.
        data: the same, prepared.
        known: ranges.
        lattice: where the image's waves are taken.
        model: textures.
        setting: which parameters there are.
    """
    period = 4 * np.pi / np.sqrt(3) / lattice.wavevector_per_nm
    log_twist = np.log(np.degrees(2 * np.arcsin(model.lattice_constant_nm / (2 * period))))
    index = sketched(model)
    moving = np.any(index != 0, axis=1)
    basis = np.asarray(moire_basis(log_twist, model.lattice_constant_nm))
    cosine, sine = np.cos(lattice.direction_rad), np.sin(lattice.direction_rad)
    in_image = index @ basis @ np.array([[cosine, sine], [-sine, cosine]])
    found = np.zeros((len(measurement.images), len(index)), complex)
    resolved = np.abs(in_image).max(axis=1) * measurement.pixel_nm < np.pi
    used = moving & resolved
    found[:, used] = image_waves(measurement, data, in_image[used])
    if not setting.free_gain:
        still = ~moving
        means = [image[seen > 0].mean() for image, seen in zip(*measurement[:2], strict=True)]
        found[:, still] = np.array(means)[:, None]
        used = used | still
    # A wave of amplitude c has a mean square of |c|^2 / 2, the constant one of c^2.
    weight = np.where(moving, 0.5, 1.0) * used * measurement.seen.sum() / len(found)
    total = data.values @ data.values

    lookup = {tuple(pair): (wave, 1) for wave, pair in enumerate(index)}
    lookup |= {(-a, -b): (wave, -1) for wave, (a, b) in reversed(list(enumerate(index)))}
    lookup[(0, 0)] = (int(np.flatnonzero(~moving)[0]), 1)
    nodes = grid_nodes(known, np.exp(log_twist))
    flat = nodes.reshape(-1, 2)
    angles = np.arange(AZIMUTHS) * (2 * np.pi / AZIMUTHS) if "azimuth" in setting.names else [0.0]
    places = np.stack(np.meshgrid(*[np.arange(PLACES) / PLACES] * 2, indexing="ij"), axis=-1)
    places = places.reshape(-1, 2)
    phases = np.exp(2j * np.pi * (index @ places.T))
    starts = []
    twist = np.full(len(flat), np.exp(log_twist))
    energies = np.asarray(model.energies((twist, np.exp(flat[:, 0]), flat[:, 1])))
    for branch in range(len(BRANCHES)):
        absent = ~np.isfinite(energies[:, branch])
        textures = _sketches(log_twist, flat, model=model, branch=branch)
        for copy in copies(setting.channel, branch, setting.free_gain):
            mirror = np.diag([copy.mirrored * (-1 if copy.swapped else 1), 1.0])
            for sixth, azimuth in product(range(2), angles):
                angle = sixth * np.pi / 3
                rotation = lattice.direction_rad + angle
                points = np.tile(data.expected, (len(flat), 1))
                points[:, 0], points[:, 1:3], points[:, 3] = log_twist, flat, rotation
                if "azimuth" in setting.names:
                    points[:, setting.names.index("azimuth")] = azimuth
                call = {"instrument": data.instrument, "model": model, "setting": setting}
                seen = np.asarray(_observed(textures, points[0], copy, **call))
                power = np.sum(weight * np.abs(seen) ** 2, axis=(1, 2))
                # Rows of `turned` say where the texture's waves lie in the image's list.
                turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
                turned = np.rint(index @ basis @ mirror @ turn @ np.linalg.inv(basis))
                rows, signs = np.transpose([lookup[tuple(pair)] for pair in turned.astype(int)])
                there = np.where(signs > 0, found[:, rows], found[:, rows].conj())
                share = weight[rows]
                overlap = (np.einsum("niw,iw->nw", seen.conj(), there * share) @ phases).real
                if setting.free_gain:
                    gained = np.abs(overlap).max(axis=1) ** 2 / np.maximum(power, 1e-300)
                    best = np.abs(overlap).argmax(axis=1)
                else:
                    gained = 2 * overlap.max(axis=1) - power
                    best = overlap.argmax(axis=1)
                gained[absent] = -np.inf
                for node in _peaks(gained.reshape(nodes.shape[:2])):
                    point = points[node].copy()
                    moved = places[best[node]] @ np.linalg.inv(basis).T * 2 * np.pi
                    c, s = np.cos(rotation), np.sin(rotation)
                    point[4:6] = np.array([[c, -s], [s, c]]) @ (moved * np.diag(mirror))
                    starts.append(Start(branch, copy, point, float(total - gained[node])))
    return sorted(starts, key=lambda start: start.misfit)


def _peaks(values: np.ndarray) -> np.ndarray:
    """Return the flat indices of the highest local maxima of a grid, at most STARTS_PER_COPY."""
    padded = np.pad(values, 1, constant_values=-np.inf)
    around = [
        padded[1 + a : padded.shape[0] - 1 + a, 1 + b : padded.shape[1] - 1 + b]
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        if (a, b) != (0, 0)
    ]
    highest = np.all([values >= other for other in around], axis=0)
    peaks = np.flatnonzero(highest & np.isfinite(values))
    return peaks[np.argsort(-values.ravel()[peaks], kind="stable")][:STARTS_PER_COPY]
