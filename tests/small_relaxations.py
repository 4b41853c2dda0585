"""Relaxations of small bilayers, for tests."""

import numpy as np

from moirespin.solver.batch import (
    Relaxed,
    relax_many,
)

NAMES = ("tilted", "noncollinear", "domain")
# A small cell has many shallow minima at strong interlayer exchange.
SMALL, SCALE = 5, 3.0


def relax_all(starts, parameters_mev, couplings, solver, lanes=16):
    """Return the result of each start, in the order of the starts."""
    found = relax_many(
        lambda task: starts[task], parameters_mev, couplings, solver=solver, lanes=lanes
    )
    each = [Relaxed(*row) for batch in found for row in zip(*batch, strict=True)]
    return sorted(each, key=lambda relaxed: relaxed.task)


def draw_sets(count, seed=0):
    draws = np.random.default_rng(seed).uniform(size=(count, 2))
    return np.array([1.0, 0.01]) + draws * np.array([9.0, 0.29])
