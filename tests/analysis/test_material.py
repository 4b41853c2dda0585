"""The default config is of the paper's material, and no other is."""

import copy

import pytest

from moirespin.analysis.material import RunMaterial


def test_default_config_is_the_papers(config):
    assert RunMaterial(config["lattice"], config["interlayer"]).is_the_papers


@pytest.mark.parametrize(
    ("block", "key", "value"),
    [
        ("lattice", "lattice_constant_nm", 0.4),
        ("interlayer", "scale", 1.0),
        ("interlayer", "model", "stacking_map"),
        ("interlayer", "c3z", None),
    ],
)
def test_another_lattice_or_coupling_is_not(block, key, value, config):
    blocks = copy.deepcopy({name: config[name] for name in ("lattice", "interlayer")})
    blocks[block][key] = value
    assert not RunMaterial(**blocks).is_the_papers


def test_a_table_that_is_not_used_makes_no_other_material(config):
    interlayer = config["interlayer"] | {"stacking_map": {"table": "mine.csv", "shells": 2}}
    assert RunMaterial(config["lattice"], interlayer).is_the_papers
