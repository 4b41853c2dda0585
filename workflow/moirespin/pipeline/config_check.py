"""Checks of the config: one clear sentence for the first thing that is wrong.

The schema holds types, bounds and descriptions; here are the sentences, and the conditions that
join several keys.
"""

import difflib
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml

TYPE_NAMES = {
    "object": "a block of keys",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}

LONGEST_VALUE = 200
# Keys of older versions, and what they are called now.
RENAMED = {"exchange": "interlayer"}


def _is_number(checker: Any, value: Any) -> bool:
    # Whole numbers may be larger than a float can be.
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


def _is_integer(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _match_pattern(
    validator: Any, pattern: str, value: Any, schema: dict
) -> Iterator[jsonschema.ValidationError]:
    # A pattern with $ alone would let a line break at the end pass.
    if isinstance(value, str) and (not re.search(pattern, value) or not value.isprintable()):
        yield jsonschema.ValidationError("does not match")


# Stricter than JSON schema, which takes 80.0 for an integer and .nan for a number.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    validators={"pattern": _match_pattern},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_number, "integer": _is_integer}
    ),
)


def load_schema(path: str | Path) -> dict:
    """Return the JSON schema at `path` (YAML)."""
    return yaml.safe_load(Path(path).read_text())


def check_config(config: dict, schema: dict, root: str | Path = ".") -> None:
    """Check a config against the schema and against itself.

    Args:
        config: the merged config.
        schema: JSON schema.
        root: folder that relative paths in the config start from.

    Raises:
        ValueError: one sentence naming key, value and what is allowed.
    """
    for old, new in RENAMED.items():
        if isinstance(config, dict) and old in config:
            raise ValueError(f"config: {old} is the name of an older version: call it {new}")
    errors = sorted(
        Validator(schema).iter_errors(config), key=lambda error: list(map(str, error.path))
    )
    if errors:
        # A key or a value may hold line breaks.
        raise ValueError(" ".join(_sentence(errors[0]).split()))
    _check_relations(config, Path(root))


def _sentence(error: jsonschema.ValidationError) -> str:
    key = ".".join(str(part) for part in error.path) or "the config"
    value, limit = error.instance, error.validator_value
    shown = _shorten(value)
    match error.validator:
        case "additionalProperties":
            allowed = sorted(error.schema.get("properties", {}))
            unknown = min(str(name) for name in value if name not in allowed)
            close = difflib.get_close_matches(unknown, allowed, n=1)
            hint = f"did you mean {close[0]}?" if close else f"allowed are {', '.join(allowed)}"
            dotted = ".".join([*map(str, error.path), unknown])
            return f"config: unknown key {dotted}: {hint}"
        case "required":
            missing = next(name for name in limit if name not in value)
            return f"config: {'.'.join([*map(str, error.path), missing])} is missing"
        case "type":
            wanted = [limit] if isinstance(limit, str) else limit
            names = " or ".join(TYPE_NAMES[name] for name in wanted)
            hint = " (YAML reads 1e-4 as text: write 1.0e-4)" if _is_exponential(value) else ""
            return f"config: {key} is {shown}, but must be {names}{hint}"
        case "enum":
            return f"config: {key} is {shown}, but must be one of {', '.join(map(str, limit))}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            words = {
                "minimum": "at least",
                "maximum": "at most",
                "exclusiveMinimum": "more than",
                "exclusiveMaximum": "less than",
            }
            return f"config: {key} is {shown}, but must be {words[error.validator]} {limit}"
        case "minItems" | "maxItems":
            word = "at least" if error.validator == "minItems" else "at most"
            return f"config: {key} has {len(value)} entries, but must have {word} {limit}"
        case "uniqueItems":
            return f"config: {key} is {shown}, but its entries must differ"
        case "maxLength":
            return f"config: {key} is {shown}, but must have at most {limit} characters"
        case "pattern":
            return f"config: {key} is {shown}, but must match {limit}"
    return f"config: {key}: {error.message}"


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _is_exponential(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", value))


def _check_relations(config: dict, root: Path) -> None:
    sweep, images, search = config["sweep"], config["images"], config["ground_state"]
    for key in ("exchange_mev", "anisotropy_mev"):
        lower, upper = sweep[key]
        if lower >= upper:
            raise ValueError(
                f"config: sweep.{key} is {sweep[key]}, but its first value must be below its second"
            )
    if not search["structured"] and not search["random_starts"]:
        raise ValueError(
            "config: ground_state.structured is empty and ground_state.random_starts is 0, but at"
            " least one start is needed"
        )
    if images["generator_pixels"] > images["pixels"]:
        raise ValueError(
            f"config: images.generator_pixels is {images['generator_pixels']}, but must be at most"
            f" images.pixels, {images['pixels']}"
        )
    exchange = config["interlayer"]
    if exchange["cutoff_nm"] <= config["lattice"]["layer_spacing_nm"]:
        raise ValueError(
            f"config: interlayer.cutoff_nm is {exchange['cutoff_nm']}, but must exceed"
            f" lattice.layer_spacing_nm, {config['lattice']['layer_spacing_nm']}"
        )
    if exchange["model"] not in exchange:
        raise ValueError(
            f"config: interlayer.model is {exchange['model']}, but the block"
            f" interlayer.{exchange['model']} is missing"
        )
    _check_table(exchange, root)
    for name in ("regressor", "generator", "joint"):
        schedule = config[name]["training"]
        if schedule["lowest_learning_rate"] > schedule["learning_rate"]:
            raise ValueError(
                f"config: {name}.training.lowest_learning_rate is"
                f" {schedule['lowest_learning_rate']}, but must be at most learning_rate,"
                f" {schedule['learning_rate']}"
            )


def _check_table(exchange: dict, root: Path) -> None:
    table = exchange.get("stacking_map", {}).get("table", "")
    if os.path.normpath(table).startswith(".."):
        raise ValueError(
            f"config: interlayer.stacking_map.table is {table}, which leaves the project: give an"
            " absolute path if that is meant"
        )
    if exchange["model"] == "stacking_map" and not (root / table).is_file():
        raise ValueError(
            f"config: interlayer.stacking_map.table is {table}, but there is no such file in"
            f" {root.resolve()}"
        )
