"""Coplanar starts on a small bilayer, relaxed."""

import numpy as np
import pytest

from moirespin.states.ground_state import structured_starts
from small_relaxations import NAMES, SCALE, SMALL, draw_sets, relax_all


@pytest.fixture(scope="module")
def bonds(couplings):
    return couplings(SMALL, SCALE)


@pytest.fixture(scope="module")
def flat_starts(bonds):
    """Structured starts in turn, and random ones in the xz plane."""
    angles = np.random.default_rng(3).uniform(0, 2 * np.pi, (6, len(bonds.neighbours)))
    random = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return np.concatenate([structured_starts(bonds, NAMES), random])


@pytest.fixture(scope="module")
def coplanar(bonds, solver, flat_starts):
    parameters = draw_sets(len(flat_starts))
    return flat_starts, parameters, relax_all(flat_starts, parameters, bonds, solver)
