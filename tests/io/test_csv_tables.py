"""Tables: the CSV and what the JSON beside it says."""

import json

import numpy as np
import pandas as pd
import pytest

from moirespin.io import csv_tables
from moirespin.io.schemas.columns import COLUMNS

MADE = {"rule": "tabulate_phases", "code": "abc"}
TABLE = pd.DataFrame(
    {"twist_index": [8, 9], "mape": [1.23456789, np.nan], "note": ["a, b", ""], "odd": [8, "all"]}
)


def meaning(name):
    known = COLUMNS[name]
    return {"dc:description": known.meaning, "schema:unitText": known.unit}


def test_columns_have_the_types_of_the_table(tmp_path):
    path = tmp_path / "tables" / "some.csv"
    csv_tables.write(TABLE, path, MADE)
    assert path.read_text().splitlines() == [
        "twist_index,mape,note,odd",
        '8,1.23457,"a, b",8',
        "9,,,all",
    ]
    about = json.loads((tmp_path / "tables" / "some.csv-metadata.json").read_text())
    assert about["@context"] == "http://www.w3.org/ns/csvw"
    assert about["url"] == "some.csv"
    assert about["tableSchema"]["columns"] == [
        {"titles": "twist_index", "datatype": "integer"} | meaning("twist_index"),
        {"titles": "mape", "datatype": "number"} | meaning("mape"),
        {"titles": "note", "datatype": "string"},
        {"titles": "odd", "datatype": "string"},
    ]
    assert about["notes"] == [MADE]


def test_both_files_or_none(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk is full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="disk is full"):
        csv_tables.write(TABLE, tmp_path / "some.csv", MADE)
    assert list(tmp_path.iterdir()) == []
