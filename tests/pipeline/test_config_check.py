"""Every config that the schema describes is taken; one wrong place is refused and named."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from moirespin.pipeline.config_check import LONGEST_VALUE, check_config, load_schema

PROJECT = Path(__file__).parents[2]
SCHEMA = load_schema(PROJECT / "workflow/schemas/config.schema.yaml")
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
REPEATABLE = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def refusal(config):
    """Return the sentence that refuses a config, or None."""
    try:
        check_config(config, SCHEMA, PROJECT)
    except ValueError as error:
        return str(error)
    return None


def refusal_of(config, path, value):
    """Return the sentence that refuses `value` at `path` of a config, or None."""
    return refusal(strategies.corrupt(config, path, value))


def complaint(said, path, value):
    """Return what is wrong with a sentence that refuses `value` at `path`, or None."""
    if said is None:
        return "is taken"
    dotted = ".".join(map(str, path))
    named = [f" {dotted} ", f" {dotted}:"]
    if isinstance(path[-1], int):
        dotted = ".".join(map(str, path[:-1]))
        entry = dict(enumerate(ORDINALS)).get(path[-1])
        named = [
            f" the {entry} value of {dotted} " if entry else f" value {path[-1] + 1} of {dotted} "
        ]
    shown = "is missing" if value is strategies.MISSING else f"is {words(value)}"
    if path[-1] == "unknown_key":
        shown = f"unknown key {dotted}"
    elif isinstance(value, list) and ("entries, but must" in said or "entry, but must" in said):
        shown = f"has {len(value)} entr"
    if not said.startswith("config: ") or len(said.splitlines()) != 1:
        return f"is no sentence: {said!r}"
    if not any(name in said for name in named):
        return f"does not name the key: {said}"
    if shown[:LONGEST_VALUE] not in said:
        return f"does not say {shown[:LONGEST_VALUE]}: {said}"
    if re.search(r"[\^$]|None|True|False", said.replace(shown[:LONGEST_VALUE], "")):
        return f"is not in plain words: {said}"
    return None


def words(value):
    """Return a value in the words of YAML."""
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    return repr(value)


def leaves(schema, path=()):
    if schema.get("type") == "object":
        for name, part in schema["properties"].items():
            yield from leaves(part, (*path, name))
    elif schema.get("type") == "array":
        yield from leaves(schema["items"], path)
    else:
        yield ".".join(path), schema


LEAVES = list(leaves(SCHEMA))


@pytest.mark.parametrize(("key", "schema"), LEAVES, ids=[key for key, _ in LEAVES])
def test_every_number_has_bounds(key, schema):
    if schema.get("type") in ("number", "integer"):
        lower, upper, *_ = strategies.bounds(schema)
        assert lower is not None and upper is not None
        assert lower < upper
    else:
        assert "enum" in schema or "pattern" in schema


@pytest.fixture(scope="module")
def refusals(config):
    """Whatever can be wrong with the default config: (path, value, sentence)."""
    wrong = strategies.corruptions(SCHEMA, config)
    return [(path, value, refusal_of(config, path, value)) for path, value in wrong]


@pytest.mark.slow
def test_every_wrong_place_of_the_default_config_is_refused_and_named(refusals):
    # About a dozen for each of the hundred keys.
    assert len(refusals) > 1200
    odd = [
        f"{'.'.join(map(str, path))} = {value!r}: {wrong}"
        for path, value, said in refusals
        if (wrong := complaint(said, path, value))
    ]
    assert odd == []


@settings(REPEATABLE, max_examples=30)
@given(strategies.configs(SCHEMA))
def test_every_config_of_the_schema_is_taken(config):
    assert refusal(config) is None


@settings(REPEATABLE, max_examples=30)
@given(strategies.configs(SCHEMA), st.data())
def test_one_wrong_place_of_any_config_is_refused_and_named(config, data):
    found = list(strategies.corruptions(SCHEMA, config))
    for path, value in data.draw(st.lists(st.sampled_from(found), min_size=5, max_size=5)):
        assert complaint(refusal_of(config, path, value), path, value) is None


@pytest.mark.parametrize("value", [10**400, -(10**400), math.nan, -math.inf, 1e308])
def test_numbers_without_measure_are_refused(config, value):
    path = ("interlayer", "c3z", "sine_mev")
    assert complaint(refusal_of(config, path, value), path, value) is None


@pytest.mark.slow
def test_every_bound_of_a_number_is_said(refusals):
    for path, value, said in refusals:
        part = SCHEMA
        for name in path:
            part = part.get("properties", {}).get(name, part.get("items", {}))
        if part.get("type") in ("number", "integer") and value is not strategies.MISSING:
            lower, upper, above, below = strategies.bounds(part)
            if " value of " in said or f" {path[-1]} is " in said or f".{path[-1]} is " in said:
                range_ = f"{'above' if above else 'from'} {lower} "
                range_ += "and below" if below else "and up to" if above else "to"
                assert f"{range_} {upper}" in said


def test_long_values_are_cut(config):
    said = refusal(config | {"run": "x" * 10_000})
    assert said.startswith("config: run is 'xxx") and len(said) < 2 * LONGEST_VALUE


def test_a_key_with_a_line_break_leaves_one_line(config):
    assert len(refusal(config | {"a\nb": 1}).splitlines()) == 1
