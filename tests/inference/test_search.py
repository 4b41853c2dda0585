"""Starts lie near the texture that the image shows, for every probe."""

import numpy as np
import pytest

from inference.family import FAMILY, knowledge, photograph
from moirespin.inference.forward import equations, prepare
from moirespin.inference.measurement import MD, NCD
from moirespin.inference.period import MoireLattice
from moirespin.inference.search import compare

FIRST = 4 * np.pi / np.sqrt(3) * 2 * np.sin(np.radians(1.5) / 2) / 0.6867


@pytest.mark.slow
@pytest.mark.parametrize("branch", [NCD, MD])
@pytest.mark.parametrize("channel", ["net", "stray-field"])
def test_best_start_shows_most_of_the_image(channel, branch):
    # The spins' direction and the field do not turn with the lattice: a turn must not matter.
    rotation = 1.5
    image = photograph(branch, channel=channel, rotation=rotation, noise=0.0)
    known = knowledge(channel, height_nm=(5.0, 0.0))
    setting, data = prepare(image, known, FAMILY)
    lattice = MoireLattice(FIRST, rotation % (np.pi / 3), 1.0)
    call = {"model": FAMILY, "setting": setting}
    starts = compare(image, data, known, lattice=lattice, **call)
    for start in starts:
        at = np.exp(start.point[0]), np.exp(start.point[1]), start.point[2]
        assert np.isfinite(FAMILY.energies(at)[start.branch])
    best = starts[0]
    found = equations(best.point, best.copy, data, branch=best.branch, **call)
    assert found.misfit < 0.1 * data.values @ data.values
    assert best.branch == branch
