"""The config's blocks as the models of the physics."""

import pytest

from moirespin.physics.interlayer import C3z
from moirespin.physics.stacking import StackingMap
from moirespin.states.settings import read_interlayer


def test_the_named_model_is_built_with_the_numbers_of_its_block(config):
    model = read_interlayer(config["interlayer"] | {"model": "c3z", "scale": 1.3})
    assert isinstance(model.form, C3z)
    assert model.scale == 1.3
    assert model.form.sine_mev == config["interlayer"]["c3z"]["sine_mev"]


def test_a_table_is_read_and_fitted(config, pytestconfig):
    block = config["interlayer"]["stacking_map"]
    table = pytestconfig.rootpath / block["table"]
    model = read_interlayer(
        config["interlayer"] | {"model": "stacking_map", "stacking_map": block | {"table": table}}
    )
    assert isinstance(model.form, StackingMap)
    assert model.form.misfit_mev < 0.4


def test_an_unknown_model_is_refused(config):
    odd = config["interlayer"] | {"model": "dipolar", "dipolar": {}}
    with pytest.raises(ValueError, match="'dipolar': it must be c3z or stacking_map"):
        read_interlayer(odd)
