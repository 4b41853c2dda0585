"""The twist angles and parameter sets of a texture model that covers small angles, too.

Beside the angles of the sweep there are others, with sets of the same box, and coarse supercells
that stand for small angles: there J stands for J theta^2 of any smaller angle, down to where walls
become too narrow for the supercell. Imports NumPy only.

Units: meV. Status: our choice.
"""

from typing import Any, NamedTuple

import numpy as np

from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Sweep, draw_parameters

# A wall is sqrt(J / 2 D) lattice constants wide. The narrowest of the box has J = 1, D = 0.3 meV;
# sets of coarse supercells are drawn down to this J / D.
LEAST_RATIO = 3.1
# A supercell stands for smaller angles where its walls are at least 1.45 lattice constants wide:
# the texture is then that of a finer one within 0.005 in mean |S^z| (benchmarks/small_angles.py).
RESOLVED_RATIO = 4.2
# Of the draws that decide which sets are held out, apart from those of the sets themselves.
HELD_OUT = 1
# J at which the stability limit is computed: in the box, and at small angles up to this index.
LIMITS_PER_ANGLE = 9
LARGEST_LIMIT_INDEX = 45


class Angle(NamedTuple):
    """One twist angle of the training.

    Attributes:
        twist_index: of the supercell.
        sets: number of parameter sets that are drawn.
        small: whether J is drawn down to `least_exchange_mev`, by its logarithm.
        further_sets: number of sets put where domains change fastest, at most; see `refinement`.
    """

    twist_index: int
    sets: int
    small: bool
    further_sets: int = 0


def list_angles(sweep: Sweep, block: dict[str, Any]) -> list[Angle]:
    """Return the angles of the sweep and those of the config block `texture_model`, by index.

    Raises:
        ValueError: if a twist index is named twice.
    """
    drawn = dict.fromkeys(sweep.twist_indices, sweep.sets_per_angle)
    listed = [*drawn.items(), *((own["twist_index"], own["sets"]) for own in block["more_angles"])]
    further = block["further_share"]
    angles = [
        Angle(index, sets, small=False, further_sets=round(further * sets))
        for index, sets in listed
    ]
    angles += [Angle(**own, small=True) for own in block["small_angles"]]
    indices = [angle.twist_index for angle in angles]
    twice = sorted({index for index in indices if indices.count(index) > 1})
    if twice:
        raise ValueError(
            f"texture_model names twist index {twice[0]} that is there already: the sweep,"
            " more_angles and small_angles must be of different angles"
        )
    return sorted(angles)


def draw_sets(angle: Angle, box: Box, *, least_exchange_mev: float, seed: int) -> np.ndarray:
    """Return J and D (meV) of the sets of an angle, shape (set, 2)."""
    if not angle.small:
        return draw_parameters(seed, angle.twist_index, range(angle.sets), box=box)
    generator = np.random.default_rng([seed, angle.twist_index])
    anisotropy = generator.uniform(*box.anisotropy_mev, angle.sets)
    least = np.log(np.maximum(least_exchange_mev, LEAST_RATIO * anisotropy))
    most = np.log(box.exchange_mev[1])
    exchange = np.exp(least + generator.random(angle.sets) * (most - least))
    return np.stack([exchange, anisotropy], axis=1)


def held_out(angle: Angle, *, share: float, seed: int) -> np.ndarray:
    """Return which of the drawn sets of an angle are not trained on, shape (set,)."""
    generator = np.random.default_rng([seed, angle.twist_index, HELD_OUT])
    return generator.random(angle.sets) < share


def limit_exchanges(angle: Angle, box: Box, *, least_exchange_mev: float) -> np.ndarray:
    """Return the J (meV) at which the stability limit of an angle is computed."""
    if not angle.small:
        return np.linspace(*box.exchange_mev, LIMITS_PER_ANGLE)
    if angle.twist_index > LARGEST_LIMIT_INDEX:
        return np.zeros(0)
    return np.geomspace(least_exchange_mev, box.exchange_mev[1], LIMITS_PER_ANGLE)
