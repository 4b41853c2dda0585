"""Checks of the config: one clear sentence for the first thing that is wrong.

The schema holds types, bounds and descriptions; here are the sentences, and the conditions that
join several keys.
"""

import difflib
import math
import os
import re
from collections.abc import Iterator, Sequence
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

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
LONGEST_VALUE = 200
# Fewest samples of each part of the split that networks and their scores can do with.
FEWEST_SAMPLES = {"training": 8, "validation": 1, "test": 4}
# Keys of older versions, and what they are called now.
RENAMED = {"exchange": "interlayer"}


def _is_number(checker: Any, value: Any) -> bool:
    # Whole numbers may be larger than a float can be.
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


def _is_integer(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _match_pattern(  # noqa: PLR0917  (jsonschema calls it so)
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
    # In C, because every call of Snakemake reads it.
    return yaml.load(Path(path).read_text(encoding="utf-8"), yaml.CSafeLoader)


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
    key, value, limit = _name(error.path), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            allowed = sorted(error.schema.get("properties", {}))
            unknown = min(str(name) for name in value if name not in allowed)
            close = difflib.get_close_matches(unknown, allowed, n=1)
            hint = f"did you mean {close[0]}?" if close else f"allowed are {', '.join(allowed)}"
            dotted = ".".join([*map(str, error.path), _cut(unknown)])
            return f"config: unknown key {dotted}: {hint}"
        case "required":
            missing = next(name for name in limit if name not in value)
            return f"config: {'.'.join([*map(str, error.path), missing])} is missing"
        case "minItems" | "maxItems":
            return f"config: {key} has {_count(value)}, but must have {_entries(error.schema)}"
        case "uniqueItems":
            return f"config: {key} is {_shown(value)}, but its entries must differ"
        case "type":
            hint = " (YAML reads 1e-4 as text: write 1.0e-4)" if _is_exponential(value) else ""
            return f"config: {key} is {_shown(value)}, but must be {_allowed(error.schema)}{hint}"
    return f"config: {key} is {_shown(value)}, but must be {_allowed(error.schema)}"


def _name(path: Sequence[str | int]) -> str:
    """Return what a place of the config is called, such as "the first value of noise.levels_db"."""
    *names, last = [*path] or ["the config"]
    if not isinstance(last, int):
        return ".".join([*map(str, names), str(last)])
    entry = f"the {ORDINALS[last]} value" if last < len(ORDINALS) else f"value {last + 1}"
    return f"{entry} of {'.'.join(map(str, names))}"


def _allowed(schema: dict) -> str:
    """Return in words what a schema takes."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "allowed" in schema:
        return schema["allowed"]
    kind = TYPE_NAMES[schema["type"]]
    if schema["type"] not in ("number", "integer"):
        return kind
    lower, upper = schema.get("minimum"), schema.get("maximum")
    first = f"from {lower}" if lower is not None else f"above {schema['exclusiveMinimum']}"
    if upper is None:
        return f"{kind} {first} and below {schema['exclusiveMaximum']}"
    return f"{kind} {first} {'to' if lower is not None else 'and up to'} {upper}"


def _count(value: list) -> str:
    return "1 entry" if len(value) == 1 else f"{len(value)} entries"


def _entries(schema: dict) -> str:
    fewest, most = schema.get("minItems", 0), schema.get("maxItems")
    if most is None:
        return f"at least {fewest}"
    return f"exactly {fewest}" if fewest == most else f"from {fewest} to {most}"


def _shown(value: object) -> str:
    """Return a value as it is shown in a sentence: in the words of YAML, and not too long."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return _cut(repr(value))


def _cut(text: str) -> str:
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
    table = exchange.get("stacking_map", {}).get("table", "")
    _check_file("interlayer.stacking_map.table", table)
    if exchange["model"] == "stacking_map":
        _require_file("interlayer.stacking_map.table", table, root)
    _check_measurements(config["measurements"], root)
    for key in ("height_nm", "snr_db"):
        lower, upper = config["calibration"][key]
        if lower > upper:
            raise ValueError(
                f"config: calibration.{key} is {[lower, upper]}, but its first value must not be"
                " above its second"
            )
    for name in ("regressor", "generator", "joint"):
        schedule = config[name]["training"]
        if schedule["lowest_learning_rate"] > schedule["learning_rate"]:
            raise ValueError(
                f"config: {name}.training.lowest_learning_rate is"
                f" {schedule['lowest_learning_rate']}, but must be at most learning_rate,"
                f" {schedule['learning_rate']}"
            )


def check_split(config: dict) -> None:
    """Check that the sweep can give networks and scores the samples that they need.

    How many sets are ferromagnetic, and so no samples, is not known before the sweep: what is
    refused could not work even if none were.

    Args:
        config: a config that `check_config` takes.

    Raises:
        ValueError: one sentence with the numbers.
    """
    sweep, split = config["sweep"], config["split"]
    sets = len(sweep["twist_indices"]) * sweep["sets_per_angle"]
    # The parts are rounded as in images/image_set.py.
    tests = round(split["test_fraction"] * sets)
    validation = round(split["validation_fraction"] * (sets - tests))
    most = {"training": sets - tests - validation, "validation": validation, "test": tests}
    for part, fewest in FEWEST_SAMPLES.items():
        if most[part] < fewest:
            raise ValueError(
                f"config: the {sets} sets of the sweep leave at most {most[part]} {part} samples,"
                f" but at least {fewest} are needed: raise sweep.sets_per_angle, which is"
                f" {sweep['sets_per_angle']}, or change the fractions in split"
            )


def _check_measurements(entries: list[dict], root: Path) -> None:
    names = [entry["name"] for entry in entries]
    for place, entry in enumerate(entries):
        key = f"measurements.{place}"
        if entry["name"] in names[:place]:
            raise ValueError(
                f"config: {key}.name is {entry['name']}, but another measurement has that name"
            )
        if entry["channel"] == "stray-field" and "height_nm" not in entry:
            raise ValueError(f"config: {key}.height_nm is missing: a stray field needs it")
        _check_file(f"{key}.image", entry["image"])
        _require_file(f"{key}.image", entry["image"], root)


def _check_file(key: str, path: str) -> None:
    if os.path.normpath(path).startswith(".."):
        raise ValueError(
            f"config: {key} is {path}, which leaves the project: give an absolute path if that is"
            " meant"
        )
    if set(path) & set("{}\\"):
        raise ValueError(
            f"config: {key} is {path}, but braces and backslashes mean something else to Snakemake:"
            " rename the file"
        )


def _require_file(key: str, path: str, root: Path) -> None:
    if not (root / path).is_file():
        raise ValueError(f"config: {key} is {path}, but there is no such file in {root.resolve()}")
