"""What one commensurate bilayer's interlayer exchange has of its own.

The sites of a bilayer sample the interlayer exchange at finitely many stackings. Where the exchange
has kinks (c3z has, at its cutoff and at d0), the sums over pairs scatter from one commensurate
angle to the next, by a per cent at four degrees and less than 0.1 % at one. A texture is made by
the long waves of the exchange over the moire cell: their deviations from the limit of small angles
say all that matters.

Units: meV per spin. Status: our choice.
"""

import numpy as np

from moirespin.physics.interlayer import interlayer_exchange
from moirespin.physics.lattice import build_bilayer
from moirespin.states.settings import Material
from moirespin.textures.cell import build_waves, evaluate_waves
from moirespin.textures.networks import REGISTRY_WAVES

# This bilayer stands for the limit of small angles: its own scatter is 2e-4 of the exchange.
LIMIT_INDEX = 64
REACH = 3


def exchange_waves(twist_index: int, material: Material) -> np.ndarray:
    """Return the long waves of lambda J_perp over the moire cell, shape (8,), in meV per spin.

    Each pair counts at its middle. The first is the energy of all pairs of a ferromagnet.
    """
    bilayer = build_bilayer(twist_index, **material.lattice._asdict())
    pairs, exchange = interlayer_exchange(bilayer, material.interlayer)
    middle = bilayer.positions.reshape(-1, 2)[pairs.top] - pairs.separation / 2
    waves = evaluate_waves(build_waves(REACH), middle @ np.linalg.inv(bilayer.supercell))
    return (exchange @ waves)[list(REGISTRY_WAVES)] / bilayer.sites


def registries(twist_indices: list[int], material: Material) -> tuple[np.ndarray, np.ndarray]:
    """Return the waves in the limit of small angles, (8,), and each bilayer's deviation, (m, 8)."""
    limit = exchange_waves(LIMIT_INDEX, material)
    own = [exchange_waves(index, material) for index in twist_indices]
    return limit, np.reshape(own, (-1, len(limit))) - limit
