"""Schemas: flags can be decoded, and every variable says its unit and what it is."""

import pytest

from moirespin.io import run_files
from moirespin.io.schemas.base import LABELS, PHASE_FLAGS, PHASES, flags

SCHEMAS = {schema.name: schema for schema in run_files.SCHEMAS.values()}


def test_flags_are_decoded_by_their_place():
    made = flags(("cold", "warm"))
    assert dict(zip(made["flag_values"].tolist(), made["flag_meanings"].split(), strict=True)) == {
        0: "cold",
        1: "warm",
    }
    assert PHASE_FLAGS["flag_meanings"].split() == list(PHASES)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_variable_has_a_unit_a_meaning_and_known_labels(name):
    for variable in SCHEMAS[name].variables.values():
        assert variable.units and variable.long_name
        assert variable.place_in is None or variable.place_in in {*LABELS, "start"}
        meanings = (variable.attributes or {}).get("flag_meanings", "").split()
        assert len(meanings) == len((variable.attributes or {}).get("flag_values", ()))
