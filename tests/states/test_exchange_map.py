"""Map of the interlayer exchange: a known sum, and the stackings that it favours."""

import numpy as np
import pytest

from moirespin.figures import fig02
from moirespin.physics.lattice import build_bilayer, fold
from moirespin.states.exchange_map import map_exchange
from moirespin.states.settings import read_material


def test_exchange_map_sums_the_pairs_and_knows_the_stackings(config):
    # Sum over pairs of J_perp at m = 8 and lambda = 1: -3.027692 meV.
    exchange = map_exchange(
        8, read_material(config | {"interlayer": config["interlayer"] | {"scale": 1.0}})
    )
    total = exchange["interlayer_exchange"].values
    np.testing.assert_allclose(total.sum(), 2 * -3.027692, atol=2e-6)
    np.testing.assert_allclose([total.min(), total.max()], [-0.34847, 0.44840], atol=1e-5)
    bilayer = build_bilayer(8, **config["lattice"])
    sites = np.stack([exchange["x"], exchange["y"]], axis=1)
    np.testing.assert_allclose(sites, bilayer.positions.reshape(-1, 2))
    places = fig02.find_stackings(bilayer)
    near = {
        name: total[np.linalg.norm(fold(sites - place, bilayer.supercell), axis=1) < 0.6].mean()
        for name, place in (places | {"patch": bilayer.supercell[1] / 2}).items()
    }
    assert near["AB"] == pytest.approx(near["BA"])
    assert near["AB"] < near["AA"] < 0 < near["patch"]
