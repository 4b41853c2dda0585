"""Tables as CSV, each beside a JSON file that says what its columns are and what made it.

The names and keys of these files are those of the W3C's "CSV on the Web", which takes descriptions
from Dublin Core (`dc`) and units from schema.org.
"""

import json
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from moirespin.io.atomic import replaced
from moirespin.io.checksum import digest
from moirespin.io.schemas.columns import column

# What pandas calls a column's kind, and what CSV on the Web does.
DATATYPES = {"i": "integer", "u": "integer", "f": "number"}
# A name of schema.org, as CSV on the Web allows in its files.
CHECKSUM = "schema:sha256"


def sidecar(path: str | Path) -> Path:
    """Return the name of the JSON file that belongs to a CSV file."""
    return Path(f"{path}-metadata.json")


def describe(table: pd.DataFrame, path: str | Path, made: dict, *, sha256: str) -> str:
    """Return the text of the JSON file: columns of `table`, which lies at `path`, and its making.

    Args:
        table: what is written.
        path: the CSV file.
        made: what `provenance.of` returns.
        sha256: checksum of the CSV file.
    """
    columns = [
        {"titles": str(name), "datatype": DATATYPES.get(table[name].dtype.kind, "string")}
        | _meaning(Path(path).stem, str(name))
        for name in table.columns
    ]
    about = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": Path(path).name,
        "tableSchema": {"columns": columns},
        CHECKSUM: sha256,
        "notes": [made],
    }
    return json.dumps(about, indent=1) + "\n"


def _meaning(table: str, name: str) -> dict[str, str]:
    known = column(table, name)
    if known is None:
        return {}
    unit = {"schema:unitText": known.unit} if known.unit else {}
    return {"dc:description": known.meaning} | unit


def write(table: pd.DataFrame, path: str | Path, made: dict) -> None:
    """Write a table and the JSON file beside it, both or none."""
    with ExitStack() as files:
        about = files.enter_context(replaced(sidecar(path)))
        unfinished = files.enter_context(replaced(path))
        table.to_csv(unfinished, index=False, float_format="%.6g")
        Path(about).write_text(
            describe(table, path, made, sha256=digest(unfinished)), encoding="utf-8"
        )
