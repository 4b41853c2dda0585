"""A family of textures in closed form, with the shape of the real ones: fits need no training.

Three Gaussian patches per cell, off the midpoints so that a turn by 60 degrees shows. Their width
follows J theta^2, the depth of their core D. In the noncollinear branch both layers have them; in
the domain branch the top layer is reversed there and the bottom layer shallow.
"""

import jax.numpy as jnp
import numpy as np

from moirespin.inference import forward
from moirespin.inference.infer import infer
from moirespin.inference.measurement import (
    MD,
    SKETCH_REACH,
    Knowledge,
    Textures,
    check_measurement,
)
from moirespin.inference.seen_waves import CORE, Copy, pose, wave_lengths
from moirespin.probes import stray_field
from moirespin.probes.instrument import Instrument, ReadOut, observe, read_out

MAGNET = stray_field.sheets(
    stray_field.Moment(1.5, g_factor=2.0), lattice_constant_nm=0.6867, layer_spacing_nm=0.67
)
RANGES = {"twist_deg": (1.0, 2.5), "exchange_mev": (1.0, 10.0), "anisotropy_mev": (0.01, 0.3)}
SPAN = np.stack(np.meshgrid(*[np.arange(-7, 8)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
INDEX = SPAN[(SPAN[:, 0] > 0) | ((SPAN[:, 0] == 0) & (SPAN[:, 1] >= 0))]
INDEX = INDEX[wave_lengths(INDEX) <= 6]
# A turn by 120 degrees takes (u1, u2) to (-u1 - u2, u1).
PLACES = np.array([[0.5, 0.07], [-0.57, 0.5], [0.07, -0.57]])


def patches(width, places=PLACES):
    """Return the waves of Gaussian patches of height 1, their width in periods."""
    squared = (4 * np.pi / np.sqrt(3) * wave_lengths(INDEX)) ** 2
    area = 2 * jnp.pi * width**2 / np.sqrt(0.75)
    phases = np.exp(-2j * np.pi * INDEX @ places.T).sum(axis=1)
    return area * jnp.exp(-0.5 * squared * width**2) * phases * np.where(squared > 0, 2, 1)


def amplitudes(branch, at, places=PLACES):
    twist_deg, exchange_mev, anisotropy_mev = at
    width = 0.085 * (exchange_mev * twist_deg**2 / 10) ** 0.2
    shape, core = patches(width, places), 2 * anisotropy_mev * patches(0.6 * width, places)
    still = jnp.zeros(len(INDEX), complex).at[np.flatnonzero(~INDEX.any(axis=1))].set(1)
    if branch == MD:
        wide = patches(1.4 * width, places)
        layers = [
            (0.3 * shape, still - 1.5 * shape - core),
            (-0.4 * wide, still - 0.4 * wide + 0.4 * core),
        ]
    else:
        layers = [(sign * shape, still - 0.8 * shape + core) for sign in (1, -1)]
    return jnp.stack([jnp.stack([x, jnp.zeros_like(x), z]) for x, z in layers])


def energies(at):
    """The ferromagnet above D = 0.25, domains below J theta^2 = 15 and the others between."""
    twist_deg, exchange_mev, anisotropy_mev = at
    scaled = exchange_mev * twist_deg**2
    noncollinear = jnp.where(anisotropy_mev < 0.25, -100.0, 0.0)
    domain = jnp.where(anisotropy_mev < 0.25, jnp.where(scaled < 15, -200.0, -50.0), jnp.inf)
    return jnp.stack([noncollinear, domain], axis=-1)


FAMILY = Textures(
    INDEX,
    amplitudes,
    lambda *at: amplitudes(*at)[..., wave_lengths(INDEX) <= SKETCH_REACH],
    energies,
    lambda *_: np.zeros((1, 2, 3, len(INDEX))),
    *RANGES.values(),
    0.6867,
    MAGNET,
)


def knowledge(channel="net", units="arbitrary", **more):
    return Knowledge(channel, units, **(RANGES | more))


def photograph(
    branch=MD,
    *,
    twist_deg=1.5,
    exchange_mev=3.0,
    anisotropy_mev=0.12,
    rotation=0.4,
    place=(3.0, -2.0),
    copy=(1, 0, 1),
    channel="net",
    noise=0.05,
    seed=0,
    pixels=64,
    window_nm=80.0,
    scale=None,
    places=PLACES,
):
    """Return a measurement of a texture of the family, with noise in units of the signal."""
    point = [np.log(twist_deg), np.log(exchange_mev), anisotropy_mev, rotation, *place]
    names = dict(zip(CORE, jnp.array(point), strict=True))
    drawn = amplitudes(branch, (twist_deg, exchange_mev, anisotropy_mev), places)
    copy = Copy(*map(float, copy))
    texture = pose(drawn, names, copy, index=INDEX, lattice_constant_nm=0.6867)
    pixel = window_nm / pixels
    x = (np.arange(pixels) - (pixels - 1) / 2) * pixel
    instrument = Instrument(0.0, 0.0, 5.0, jnp.array([0.0, 0.0, 1.0]), MAGNET)
    image = observe(texture, channel, instrument, x_nm=x, y_nm=x)
    if channel == "stray-field":
        image = image / 1000
    generator = np.random.default_rng(seed)
    image = image + noise * generator.standard_normal(image.shape)
    if scale is not None:
        image = read_out(image, ReadOut(*scale), x, y_nm=x)
    return check_measurement(np.asarray(image), pixel, channel)


POINT = np.array([np.log(1.52), np.log(3.2), 0.13, 0.41, 3.1, -2.2])


COPY = Copy(1.0, 0.0, 1.0)


def fit_of(image, known, point=POINT, branch=MD, copy=COPY):
    setting, data = forward.prepare(image, known, FAMILY)
    call = {"model": FAMILY, "branch": branch, "setting": setting, "reach": 6}
    return data, call, point, copy


def read(image, known=None, model=FAMILY):
    return infer(image, known or knowledge(), model, samples=2000, seed=1)
