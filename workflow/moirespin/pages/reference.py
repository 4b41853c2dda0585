"""The reference pages of the docs, from schemas and docstrings: keys, files, functions.

`python -m moirespin.pages.reference` writes them and the cards of the shipped networks; a test
compares them with what it would write.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import moirespin
from moirespin.analysis.registry import TABLES
from moirespin.figures.registry import FIGURES
from moirespin.io.contents import CONTENTS
from moirespin.io.run_files import SCHEMAS
from moirespin.io.schemas.base import Schema
from moirespin.io.schemas.columns import COLUMNS, OF_TABLE, Column
from moirespin.pages.markdown import table
from moirespin.pages.model_cards import cards

PROJECT = Path(__file__).parents[3]
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.yaml"
CONFIG = PROJECT / "config.yaml"
KEYS = """\
# Every key of the config

What each key means, what it may be, and its value in `config.yaml`; [config.md](config.md) says how
files are laid over it. This page is written by `make reference` from the
[schema](../workflow/schemas/config.schema.yaml).
"""
FUNCTIONS = """\
# Every function for users

What `import moirespin` gives, as the docstrings say it; [python.md](python.md) shows it in use.
This page is written by `make reference`.
"""
FILES = """\
# Every file of a run

What lies in `results/<run>/`, and what each variable and column means. netCDF files carry units,
meanings, title and format number themselves ([stability.md](stability.md)); beside each CSV file a
`.csv-metadata.json` holds those of its columns, its checksum and what made it. `NaN`, or an empty
cell, means that there is no such number. This page is written by `make reference` from the schemas.
"""


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (PROJECT / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the text of each page, by its place in the project."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    return {
        "docs/keys.md": keys_page(schema, config),
        "docs/files.md": files_page(),
        "docs/functions.md": python_page(),
        "resources/textures/README.md": cards(),
    }


def python_page() -> str:
    """Return the page of the names that `import moirespin` gives, from their docstrings."""
    parts = [FUNCTIONS]
    for name in moirespin.NAMES:
        found = getattr(moirespin, name)
        parts.append(_documented(f"moirespin.{name}", found))
        # Those of a named tuple are Python's.
        if inspect.isclass(found) and not issubclass(found, tuple):
            for method, function in inspect.getmembers(found, inspect.isfunction):
                if not method.startswith("_"):
                    parts.append(_documented(f"{name}.{method}", function))
    return "\n".join(parts)


def _documented(name: str, found: Any) -> str:
    """Return heading, call and docstring of a function or a class."""
    words: list[str] = []
    for parameter in inspect.signature(found).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in "".join(words):
            words.append("*")
        text = f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name
        if parameter.default is not parameter.empty:
            simple = isinstance(parameter.default, str | int | float | tuple | None)
            simple = simple and not hasattr(parameter.default, "_fields")
            text += f"={parameter.default!r}" if simple else "=..."
        words += [text] if text != "self" else []
    call = f"{name}({', '.join(words)})"
    return f"## `{name}`\n\n```text\n{call}\n\n{inspect.getdoc(found)}\n```\n"


def keys_page(schema: dict, config: dict) -> str:
    """Return the page of the config's keys."""
    parts = [KEYS]
    for name, block in schema["properties"].items():
        parts.append(f"## `{name}`\n\n{_sentence(block['description'])}\n")
        parts.append(table(("key", "meaning", "may be", "default"), _keys(name, block, config)))
    return "\n".join(parts)


def _keys(key: str, schema: dict, defaults: Any) -> Iterator[tuple[str, ...]]:
    """Yield a row for a key, or for each key of a block."""
    default = defaults.get(key.rpartition(".")[2]) if isinstance(defaults, dict) else None
    if schema.get("type") == "array" and schema.get("items", {}).get("type") == "object":
        yield f"`{key}`", schema["description"], "a list of entries", _shown(default)
        for name, inner in schema["items"]["properties"].items():
            yield from _keys(f"{key}[].{name}", inner, None)
    elif "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from _keys(f"{key}.{name}", inner, default)
    else:
        yield f"`{key}`", schema["description"], allowed(schema), _shown(default)


def allowed(schema: dict) -> str:
    """Return what a value may be, in words."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema or "oneOf" in schema:
        return "; or ".join(map(allowed, schema.get("anyOf") or schema["oneOf"]))
    match schema.get("type"):
        case "array":
            counts = schema.get("minItems", 0), schema.get("maxItems")
            many = f"{counts[0]}" if counts[0] == counts[1] else f"at least {counts[0]}"
            return f"a list of {many}, each {allowed(schema.get('items', {}))}"
        case "number" | "integer" as kind:
            words = "a whole number" if kind == "integer" else "a number"
            if "exclusiveMinimum" in schema:
                words += f" above {_number(schema['exclusiveMinimum'])}"
            elif "minimum" in schema:
                words += f" from {_number(schema['minimum'])}"
            if "exclusiveMaximum" in schema:
                return f"{words} to below {_number(schema['exclusiveMaximum'])}"
            return f"{words} to {_number(schema['maximum'])}" if "maximum" in schema else words
        case "boolean":
            return "`true` or `false`"
        case "null":
            return "nothing"
        case _:
            return "a text"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    return "" if value is None else f"`{json.dumps(value)}`"


def files_page() -> str:
    """Return the page of a run's files."""
    parts = [FILES, table(("file", "what it holds"), ((f"`{p}`", t) for p, t in CONTENTS.items()))]
    parts.append("## netCDF files\n")
    of_schema: dict[str, list[str]] = {}
    for pattern, schema in SCHEMAS.items():
        of_schema.setdefault(schema.name, []).append(pattern)
    schemas = {schema.name: schema for schema in SCHEMAS.values()}
    for name, patterns in of_schema.items():
        parts += [f"### {', '.join(f'`{pattern}`' for pattern in patterns)}\n"]
        parts += [f"Title `{name}`, format {schemas[name].format}.\n"]
        head = ("variable", "dimensions", "unit", "meaning")
        parts += [table(head, _variables(schemas[name]))]
    parts.append("## Tables and figures\n")
    shown = {t.file: t.shows for t in TABLES}
    shown |= {f"figures/{figure.name}.csv": figure.shows for figure in FIGURES}
    parts.append(table(("file", "what it shows"), ((f"`{p}`", t) for p, t in shown.items())))
    parts.append("## Columns of tables and figures\n")
    parts.append(table(("column", "unit", "meaning"), _columns(COLUMNS)))
    parts.append("In some files a column of the same name means something of its own.\n")
    own = ((f"`{table}`", *row) for table, columns in OF_TABLE.items() for row in _columns(columns))
    parts.append(table(("table or figure", "column", "unit", "meaning"), own))
    return "\n".join(parts)


def _variables(schema: Schema) -> Iterator[tuple[str, ...]]:
    for name, variable in schema.variables.items():
        meaning = variable.long_name
        attributes = variable.attributes or {}
        if "flag_meanings" in attributes:
            values = attributes["flag_values"]
            flags = zip(values, attributes["flag_meanings"].split(), strict=True)
            meaning += f" ({', '.join(f'{value}: {flag}' for value, flag in flags)})"
        if "comment" in attributes:
            meaning += f"; {attributes['comment']}"
        yield f"`{name}`", ", ".join(variable.dims), variable.units, meaning


def _columns(columns: dict[str, Column]) -> Iterator[tuple[str, ...]]:
    for name, column in columns.items():
        yield f"`{name}`", column.unit or "text", column.meaning


def _sentence(text: str) -> str:
    shown = text.replace("<", "&lt;")
    return f"{shown[0].upper()}{shown[1:]}."


if __name__ == "__main__":
    main()
