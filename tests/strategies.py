"""Configs for property-based tests, drawn from the schema, and what can be wrong with one."""

import copy
import math

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

TABLES = ["resources/exchange/sivadas2018_rigid.csv", "resources/exchange/sivadas2018_relaxed.csv"]
# Lists are drawn with few more entries than they must have.
MORE_ENTRIES = 3
MEASURED = "resources/measurements/example.tif"
RANGES = ("exchange_mev", "anisotropy_mev")


def bounds(schema):
    """Return (lower, upper, lower excluded, upper excluded) of a number."""
    lower = schema.get("minimum", schema.get("exclusiveMinimum"))
    upper = schema.get("maximum", schema.get("exclusiveMaximum"))
    return lower, upper, "exclusiveMinimum" in schema, "exclusiveMaximum" in schema


def values(schema):
    """Return a strategy of values that the schema takes, relations between keys aside."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "object":
            return st.fixed_dictionaries({n: values(s) for n, s in schema["properties"].items()})
        case "array":
            fewest = schema.get("minItems", 0)
            most = min(schema.get("maxItems", math.inf), fewest + MORE_ENTRIES)
            unique = schema.get("uniqueItems", False)
            return st.lists(values(schema["items"]), min_size=fewest, max_size=most, unique=unique)
        case "integer":
            return st.integers(*bounds(schema)[:2])
        case "number":
            lower, upper, above, below = bounds(schema)
            floats = st.floats(lower, upper, exclude_min=above, exclude_max=below)
            first, last = (
                math.ceil(lower) + (above and lower == math.ceil(lower)),
                math.floor(upper),
            )
            last -= below and upper == last
            # A whole number is a number too.
            return floats | st.integers(first, last) if first <= last else floats
        case "string" if schema["pattern"] == r"\.csv$":
            return st.sampled_from(TABLES)
        case "string" if "maxLength" not in schema:
            return st.just(MEASURED)
        case "string":
            return st.from_regex(schema["pattern"], fullmatch=True).filter(
                lambda text: len(text) <= schema["maxLength"]
            )
    raise NotImplementedError(schema)


def configs(schema):
    """Return a strategy of valid configs: drawn from the schema, then made consistent."""
    return values(schema).map(reconcile)


def reconcile(config):
    """Return `config` with the relations between its keys fulfilled."""
    sweep, images, search = config["sweep"], config["images"], config["ground_state"]
    for key in RANGES:
        sweep[key].sort()
        assume(sweep[key][0] < sweep[key][1])
    if not search["structured"]:
        search["random_starts"] = max(search["random_starts"], 1)
    images["generator_pixels"] = min(images["generator_pixels"], images["pixels"])
    spacing, cutoff = sorted(
        (config["lattice"]["layer_spacing_nm"], config["interlayer"]["cutoff_nm"])
    )
    assume(0.1 <= spacing < cutoff)
    config["lattice"]["layer_spacing_nm"], config["interlayer"]["cutoff_nm"] = spacing, cutoff
    for name in ("regressor", "generator", "joint"):
        training = config[name]["training"]
        rates = sorted((training["lowest_learning_rate"], training["learning_rate"]))
        training["lowest_learning_rate"], training["learning_rate"] = rates
    heights, levels = config["calibration"]["height_nm"], config["calibration"]["snr_db"]
    heights.sort()
    levels.sort()
    for place, entry in enumerate(config["measurements"]):
        entry |= {"name": f"image{place}", "image": MEASURED}
    return config


def just_outside(schema):
    """Return the nearest values on both sides that a number must not have."""
    lower, upper, above, below = bounds(schema)
    if schema["type"] == "integer":
        return [lower - 1, upper + 1]
    return [
        lower if above else float(np.nextafter(lower, -math.inf)),
        upper if below else float(np.nextafter(upper, math.inf)),
    ]


# For each type of a key, values of other types: what YAML makes of slips.
WRONG_TYPES = {
    "object": [None, [], "text", 3],
    "array": [None, {}, "text", 3],
    "string": [None, [], 7, True],
    "integer": [None, [], {}, "3", True, 4.0, 4.5, math.nan, math.inf],
    "number": [None, [], {}, "1e-4", True, math.nan, math.inf, -math.inf],
    "enum": [None, [], 7, True, "nothing like this"],
}
MISSING = object()


def corruptions(schema, value, path=()):
    """Yield (path, corrupted value) of every way in which one place of a config can be wrong.

    The value `MISSING` takes the key away.
    """
    kind = "enum" if "enum" in schema else schema["type"]
    if path:
        yield from ((path, wrong) for wrong in WRONG_TYPES[kind])
    if kind in ("integer", "number"):
        yield from ((path, wrong) for wrong in just_outside(schema))
    if kind == "string":
        yield from ((path, wrong) for wrong in ("", "../up", "a\nb.csv", "x" * 300, "end\n"))
    if kind == "object":
        yield (*path, "unknown_key"), 1
        for name, part in schema["properties"].items():
            if name in schema["required"]:
                yield (*path, name), MISSING
            elif name not in value:
                continue
            yield from corruptions(part, value[name], (*path, name))
    if kind == "array":
        if schema.get("minItems"):
            yield path, value[: schema["minItems"] - 1]
        if "maxItems" in schema:
            yield path, value + [value[0]] * (schema["maxItems"] + 1 - len(value))
        if schema.get("uniqueItems") and value:
            yield path, [*value[: schema.get("maxItems", 99) - 1], value[0]]
        # Of the entries, which are alike, the last.
        for place in range(len(value))[-1:]:
            yield from corruptions(schema["items"], value[place], (*path, place))
    if path[:1] == ("sweep",) and path[1:] and path[-1] in RANGES:
        yield path, value[::-1]
        yield path, value[:1] * 2


def corrupt(config, path, value):
    """Return a copy of `config` with `value` at `path`."""
    config = copy.deepcopy(config)
    block = config
    for name in path[:-1]:
        block = block[name]
    if value is MISSING:
        del block[path[-1]]
    else:
        block[path[-1]] = value
    return config
