"""What energies allow is found by blocks of the grid as point by point."""

import numpy as np
import pytest

from inference.family import FAMILY
from moirespin.inference.measurement import MD, NCD
from moirespin.inference.modes import Mode
from moirespin.inference.posterior import FINE, allowed, possible
from moirespin.inference.seen_waves import CORE, Copy, Setting


@pytest.mark.parametrize("branch", [NCD, MD])
def test_blocks_of_the_grid_allow_what_its_points_do(branch):
    # The border at J theta^2 = 15 crosses blocks, that at D = 0.25 lies between points.
    exchange, anisotropy = np.linspace(0, np.log(10), FINE), np.linspace(0.0, 0.31, FINE)
    pairs = np.stack(np.meshgrid(exchange, anisotropy, indexing="ij"), axis=-1)
    point = np.array([np.log(1.7), np.log(5.0), 0.1, 0.0, 0.0, 0.0])
    mode = Mode(branch, Copy(1.0, 0.0, 1.0), point, Setting("net", CORE, free_gain=True), 6.0)
    likely = np.abs(pairs[..., 1] - 0.15) < 0.13
    found = allowed(mode, FAMILY, pairs, likely=likely, excess_mev=1.0)
    alone = possible(mode, FAMILY, pairs[likely], excess_mev=1.0)
    np.testing.assert_array_equal(found[likely], alone)
    assert 0.2 < alone.mean() < 0.8
