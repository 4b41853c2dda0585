"""The moire lattice of an image: its period and rotation from the power spectrum, to sub-pixels.

A hexagonal lattice is named by the length g and the direction phi of a shortest wavevector. Its
score is the power of the image at the nine shortest wavevectors, each counted relative to the
noise. A lattice with half the period, or with a period sqrt(3) longer, shares peaks with the right
one: all that score well are handed on, and the textures decide.

Units: nm, 1/nm, radian.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.optimize import minimize

from moirespin.inference.measurement import Measurement

PADDING = 4
# Shells of wavevectors of a hexagonal lattice: length over g, direction less phi, one of each pair.
SHELLS = np.array(
    [(1.0, np.pi / 3 * n) for n in range(3)]
    + [(np.sqrt(3), np.pi / 3 * n + np.pi / 6) for n in range(3)]
    + [(2.0, np.pi / 3 * n) for n in range(3)]
)
# Lattices that share peaks with a lattice: their g over its g, and the turn between them.
RELATIVES = ((0.5, 0.0), (1 / np.sqrt(3), np.pi / 6), (np.sqrt(3), np.pi / 6), (2.0, 0.0))
# Grid of the search in units of the width of a peak.
STEP = 0.35
# How many periods an image must hold for its period to be found.
FEWEST_PERIODS = 1.2


class MoireLattice(NamedTuple):
    """A hexagonal lattice that the image may have.

    Attributes:
        wavevector_per_nm: length of a shortest reciprocal vector, 4 pi / (sqrt(3) L).
        direction_rad: direction of one of them, in [0, pi / 3).
        score: power at the shortest wavevectors over the noise, summed.
    """

    wavevector_per_nm: float
    direction_rad: float
    score: float


def without_plane(image: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return an image (y, x) less its tilted background, 0 where not seen."""
    rows, columns = np.indices(image.shape)
    design = np.stack([np.ones(image.shape), rows, columns], axis=-1).reshape(-1, 3)
    weight = seen.ravel()
    found = np.linalg.lstsq(design * weight[:, None], image.ravel() * weight, rcond=None)[0]
    return (image - (design @ found).reshape(image.shape)) * seen


def tapered(measurement: Measurement) -> list[np.ndarray]:
    """Return the images without background, faded to the edges so that peaks have no tails."""
    rows, columns = measurement.images.shape[1:]
    taper = np.hanning(rows + 2)[1:-1, None] * np.hanning(columns + 2)[1:-1]
    return [
        without_plane(image, seen) * taper
        for image, seen in zip(measurement.images, measurement.seen, strict=True)
    ]


def find_lattices(
    measurement: Measurement, *, shortest: float, longest: float, count: int
) -> list[MoireLattice]:
    """Return lattices that the image may have, best first.

    Args:
        measurement: the pixels.
        shortest: least length of the first wavevector (1/nm).
        longest: largest length of it.
        count: at most so many, each with its relatives.

    Raises:
        ValueError: if no wavevector between the two can be told from the background of this image,
            or none can be resolved by its pixels.
    """
    faded = tapered(measurement)
    pixel = measurement.pixel_nm
    extent = pixel * min(measurement.images.shape[1:])
    # A period needs to fit into the image, and be longer than two pixels.
    lowest = max(shortest, FEWEST_PERIODS * 4 * np.pi / np.sqrt(3) / extent)
    highest = min(longest, 0.95 * np.pi / pixel)
    if lowest >= highest:
        periods = [4 * np.pi / np.sqrt(3) / edge for edge in (longest, shortest)]
        raise ValueError(
            f"the image is {extent:g} nm wide with pixels of {pixel:g} nm: a moire period of"
            f" {periods[0]:.3g} to {periods[1]:.3g} nm does not fit {FEWEST_PERIODS:g} times into"
            " it, or is not resolved"
        )
    size = [PADDING * length for length in measurement.images.shape[1:]]
    power = np.sum([np.abs(np.fft.rfft2(image, size)) ** 2 for image in faded], axis=0)
    power = power / np.median(power)

    width = 2 * np.pi / extent
    lengths = np.arange(lowest, highest + STEP * width, STEP * width)
    best: list[MoireLattice] = []
    for length in lengths:
        turns = max(6, int(np.ceil(np.pi / 3 * length / (STEP * width))))
        directions = np.arange(turns) * (np.pi / 3 / turns)
        scores = np.zeros(turns)
        for ratio, angle in SHELLS:
            scores += _read(
                power, size=size, pixel=pixel, length=ratio * length, directions=directions + angle
            )
        best += [MoireLattice(length, *pair) for pair in zip(directions, scores, strict=True)]
    best.sort(key=lambda lattice: -lattice.score)
    chosen: list[MoireLattice] = []
    for lattice in best:
        if all(_apart(lattice, other) > 1.5 * width for other in chosen):
            chosen.append(lattice)
        if len(chosen) == count:
            break
    refined = [_refine(lattice, faded, measurement, width=width) for lattice in chosen]
    relatives = [
        MoireLattice(ratio * lattice.wavevector_per_nm, lattice.direction_rad + turn, lattice.score)
        for lattice in refined[:2]
        for ratio, turn in RELATIVES
    ]
    found: list[MoireLattice] = []
    for lattice in [*refined, *relatives]:
        inside = lowest <= lattice.wavevector_per_nm <= highest
        if inside and all(_apart(lattice, other) > 0.3 * width for other in found):
            found.append(lattice._replace(direction_rad=lattice.direction_rad % (np.pi / 3)))
    return found


def _read(
    power: np.ndarray, *, size: list[int], pixel: float, length: float, directions: np.ndarray
) -> np.ndarray:
    """Return the power (direction,) at wavevectors of a length; 0 beyond the pixels' limit."""
    x, y = length * np.cos(directions), length * np.sin(directions)
    flip = np.where(x < 0, -1, 1)
    columns = x * flip * pixel * size[1] / (2 * np.pi)
    rows = (y * flip * pixel * size[0] / (2 * np.pi)) % size[0]
    read = map_coordinates(power, [rows, columns], order=1, mode="nearest")
    resolved = np.maximum(np.abs(x), np.abs(y)) * pixel < np.pi
    return np.where(resolved, read, 0.0)


def _apart(one: MoireLattice, other: MoireLattice) -> float:
    """Return the distance of the nearest first wavevectors of two lattices (1/nm)."""
    turn = (one.direction_rad - other.direction_rad + np.pi / 6) % (np.pi / 3) - np.pi / 6
    return abs(one.wavevector_per_nm - other.wavevector_per_nm * np.exp(1j * turn))


def _refine(
    lattice: MoireLattice, faded: list[np.ndarray], measurement: Measurement, *, width: float
) -> MoireLattice:
    """Return a lattice moved to the nearest maximum of its score, without a grid of frequencies."""
    x, y = measurement.centres_nm
    ratios, angles = SHELLS.T

    def loss(move: np.ndarray) -> float:
        length = lattice.wavevector_per_nm + move[0] * width
        direction = lattice.direction_rad + move[1] * width / lattice.wavevector_per_nm
        along_x = np.exp(-1j * np.outer(ratios * length * np.cos(angles + direction), x))
        along_y = np.exp(-1j * np.outer(ratios * length * np.sin(angles + direction), y))
        power = [np.sum((along_y @ image) * along_x, axis=1) for image in faded]
        return -float(np.sum(np.abs(power) ** 2))

    scale = abs(loss(np.zeros(2))) + np.finfo(float).tiny
    found = minimize(
        lambda move: loss(move) / scale,
        np.zeros(2),
        method="Nelder-Mead",
        options={"initial_simplex": [[0, 0], [0.2, 0], [0, 0.2]], "xatol": 0.01, "fatol": 1e-6},
    )
    move = found.x if np.abs(found.x).max() < 1 else np.zeros(2)
    return MoireLattice(
        lattice.wavevector_per_nm + move[0] * width,
        lattice.direction_rad + move[1] * width / lattice.wavevector_per_nm,
        lattice.score,
    )
