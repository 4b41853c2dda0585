"""One state by the texture model: which phase, its energies and magnetisation, its pixels.

Nothing extrapolates in silence: parameters outside of what a model was trained on are refused.
NumPy only.

Units: degree, meV, nm.
"""

from typing import NamedTuple

import numpy as np

from moirespin.images.window import Window
from moirespin.io.export.texture import Images
from moirespin.physics.lattice import twist_angle_deg
from moirespin.textures.angles import RESOLVED_RATIO
from moirespin.textures.cell import Waves
from moirespin.textures.model import TextureModel, energies, phase, tilt
from moirespin.textures.placement import cell_grid, see

# A commensurate bilayer's own registry counts within so much of its angle (degree).
SAME_ANGLE_DEG = 5e-4


class Drawn(NamedTuple):
    """One state.

    Attributes:
        phase: 0 FM, 1 NCD, 2 MD.
        energy_mev: per spin, of eq. (1).
        gap_mev: energy per spin of the nearest other branch above it; None without another.
        tilt: waves of the tilt (rad), shape (layer, channel, wave).
    """

    phase: int
    energy_mev: float
    gap_mev: float | None
    tilt: np.ndarray


def effective(
    model: TextureModel, *, angle_deg: float, exchange_mev: float, anisotropy_mev: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the parameters (3,) that the model is evaluated at, and the registry (8,).

    At angles below the smallest one that it was trained on, the scaling law stands for it: the
    texture depends on J theta^2 and D.

    Raises:
        ValueError: one sentence, if the parameters are outside of what the model knows.
    """
    ranges = model.about["ranges"]
    for name, value, unit in (
        ("twist_angle", angle_deg, "degrees"),
        ("exchange", exchange_mev, "meV"),
        ("anisotropy", anisotropy_mev, "meV"),
    ):
        lowest, highest = ranges[name]
        if not lowest <= value <= highest:
            words = {"twist_angle": "twist angle", "exchange": "exchange J"}
            raise ValueError(
                f"the {words.get(name, 'anisotropy D')} is {value:g} {unit}, but this texture model"
                f" knows {lowest:g} to {highest:g} {unit}"
            )
    smallest = model.about["smallest_trained_deg"]
    if angle_deg < smallest:
        exchange_mev = exchange_mev * (angle_deg / smallest) ** 2
        angle_deg = smallest
    least = max(RESOLVED_RATIO * anisotropy_mev, model.about["least_exchange_mev"])
    if exchange_mev < least and model.about["smallest_trained_deg"] == angle_deg:
        raise ValueError(
            "walls would be narrower than this texture model resolves: at this angle and D, J must"
            f" be at least {least / exchange_mev:.3g} times as large"
        )
    indices = list(model.twist_indices)
    near = [abs(twist_angle_deg(int(index)) - angle_deg) for index in indices]
    registry = np.zeros_like(model.exchange)
    if near and min(near) < SAME_ANGLE_DEG:
        registry = model.registries[int(np.argmin(near))]
    return np.array([angle_deg, exchange_mev, anisotropy_mev]), registry


def draw(
    model: TextureModel, *, angle_deg: float, exchange_mev: float, anisotropy_mev: float
) -> Drawn:
    """Return the ground state at some parameters.

    Raises:
        ValueError: from `effective`.
    """
    parameters, registry = effective(
        model, angle_deg=angle_deg, exchange_mev=exchange_mev, anisotropy_mev=anisotropy_mev
    )
    found = energies(model, parameters, registry)
    own = int(phase(found))
    waves = tilt(model, parameters, registry, branch=own)
    uniform = model.exchange[0] + registry[0] - 1.5 * exchange_mev - anisotropy_mev
    branches = [0.0]
    branches += [float(found.noncollinear)] if found.noncollinear < 0 else []
    branches += [float(found.domain)] if found.order > 0 else []
    energy = (0.0, float(found.noncollinear), float(found.domain))[own]
    others = [other for other in branches if other != energy]
    gap = min(others) - energy if others else None
    return Drawn(own, float(uniform + energy), gap, waves)


def cell_magnetization(waves: Waves, amplitudes: np.ndarray) -> np.ndarray:
    """Return the mean S^z of each layer over the cell, shape (layer,), from waves of the tilt."""
    mean, half = np.moveaxis(cell_grid(waves, amplitudes), 1, 0)
    return 0.5 * (np.cos(mean + half) + np.cos(mean - half)).mean(axis=(1, 2))


def images(model: TextureModel, drawn: Drawn, *, angle_deg: float, window: Window) -> Images:
    """Return a drawn state through a window, as the paper's images show it."""
    return see(
        model.waves,
        drawn.tilt,
        angle_deg=angle_deg,
        lattice_constant_nm=model.about["lattice"]["lattice_constant_nm"],
        window=window,
    )
