"""Registries: what one bilayer's exchange has of its own."""

import numpy as np

from moirespin.physics.interlayer import interlayer_exchange
from moirespin.physics.lattice import build_bilayer
from moirespin.states.settings import read_material
from moirespin.textures.registry import LIMIT_INDEX, exchange_waves, registries


def test_first_wave_is_the_energy_of_all_pairs_of_a_ferromagnet(config):
    material = read_material(config)
    bilayer = build_bilayer(8, **config["lattice"])
    _, exchange = interlayer_exchange(bilayer, material.interlayer)
    np.testing.assert_allclose(exchange_waves(8, material)[0], exchange.sum() / bilayer.sites)


def test_the_limit_deviates_from_itself_by_nothing(config):
    limit, own = registries([LIMIT_INDEX, 7], read_material(config))
    np.testing.assert_array_equal(own[0], 0)
    assert 0 < np.abs(own[1]).max() < 0.02 * np.abs(limit).max()
