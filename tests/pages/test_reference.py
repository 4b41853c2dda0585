"""The reference pages are what the schemas say, and leave nothing out."""

import json
import re
from pathlib import PurePosixPath

import pytest
import yaml

from moirespin.io.contents import CONTENTS
from moirespin.io.run_files import SCHEMAS
from moirespin.io.schemas.columns import COLUMNS, OF_TABLE
from moirespin.pages import model_cards, reference
from moirespin.pages.markdown import table
from moirespin.pipeline import products


@pytest.mark.parametrize("name", reference.pages())
def test_page_is_up_to_date(name):
    written = (reference.PROJECT / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], "run: make reference"


def leaves(value, key=""):
    """Yield the dotted keys of a config."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{key}.{name}")
    else:
        yield key.removeprefix(".")


def test_every_key_of_the_config_has_a_row_with_its_default():
    config = yaml.safe_load(reference.CONFIG.read_text())
    rows = re.findall(
        r"^\| `([^`]+)` \| .+ \| (?:`(.*)`)? \|$", reference.pages()["docs/keys.md"], re.M
    )
    found = dict(rows)
    for key in leaves(config):
        value = config
        for part in key.split("."):
            value = value[part]
        assert json.loads(found[key]) == value, key


def test_every_file_of_a_run_and_every_variable_is_listed():
    for path in [*products.everything(), *products.on_request(), *SCHEMAS]:
        assert any(PurePosixPath(path).match(pattern) for pattern in CONTENTS), path
    page = reference.pages()["docs/files.md"]
    for schema in SCHEMAS.values():
        assert f"Title `{schema.name}`, format {schema.format}." in page
        for name, variable in schema.variables.items():
            dims = ", ".join(variable.dims)
            meaning = variable.long_name.replace("|", "\\|").replace("<", "&lt;")
            assert f"| `{name}` | {dims} | {variable.units} | {meaning}" in page


def test_columns_of_a_table_have_a_meaning_of_their_own_only_where_it_differs():
    for columns in OF_TABLE.values():
        for name, own in columns.items():
            assert COLUMNS.get(name) != own


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": ["a", "b"]}, "`a` or `b`"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 5}, "a number above 0 to 5"),
        ({"type": "integer", "minimum": 2}, "a whole number from 2"),
        (
            {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
            "a list of 2, each a number",
        ),
        (
            {"type": "array", "minItems": 1, "items": {"type": "string"}},
            "a list of at least 1, each a text",
        ),
    ],
)
def test_what_a_value_may_be_is_said_in_words(schema, words):
    assert reference.allowed(schema) == words


def test_cells_cannot_break_a_table_or_become_html():
    assert table(("a",), [("x | y\n<z>",)]) == "| a |\n| --- |\n| x \\| y &lt;z> |\n"


def test_card_says_range_scores_and_limits_of_the_shipped_model():
    text = model_cards.cards()
    assert "`c3z.safetensors`" in text
    for word in ("**Data.**", "**Range**", "**Scores**", "**Not for**"):
        assert word in text
