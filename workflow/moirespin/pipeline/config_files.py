"""Config files: read with one sentence for the first thing that is wrong, laid on each other.

YAML itself takes the last of two equal keys in silence; here they are refused. A file that lies on
another one changes single keys of it, at any depth, as Snakemake's `--configfile` does.
"""

import datetime
import os
from collections.abc import Iterable
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

LONGEST_SHOWN = 60


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which also refuses equal keys and names the line of a bad value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            # A list or a block as a key is refused by PyYAML itself.
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {_shorten(key.value)} occurs twice", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
        # A date that does not exist, a number of thousands of digits.
        except (ValueError, OverflowError) as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{_shorten(node.value)} is no value", node.start_mark
            ) from error
        if isinstance(value, datetime.date | bytes):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"{_shorten(node.value)} is neither a number nor text: put text in quotes",
                node.start_mark,
            )
        return value


def read_config(path: str | Path) -> dict:
    """Return the keys and values of one config file.

    Raises:
        ValueError: one sentence that names the file and the line.
    """
    # Snakemake makes all paths absolute; within the project they are better read without.
    shown = min(str(path), os.path.relpath(path), key=len)
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{shown}: {error.strerror or error}") from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{shown}, line {line}: this is not UTF-8: save the file as UTF-8"
        ) from error
    try:
        config = _parse(text)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise ValueError(
            f"{shown}, line {line}: character {error.character:#x} is not allowed in YAML"
        ) from error
    except yaml.MarkedYAMLError as error:
        raise ValueError(f"{shown}, {_explain(error)}") from error
    except RecursionError as error:
        raise ValueError(f"{shown}: its blocks are nested too deep") from error
    if config is None:
        raise ValueError(f"{shown} is empty: it must hold keys with values")
    if not isinstance(config, dict):
        raise ValueError(f'{shown} holds no keys with values, such as "seed: 1"')
    return config


def read_configs(paths: Iterable[str | Path]) -> dict:
    """Return config files laid on each other, the later on top.

    Raises:
        ValueError: as `read_config`.
    """
    return reduce(overlay, map(read_config, paths), {})


def overlay(below: dict, above: dict) -> dict:
    """Return `below` with the values of `above` in place of its own; lists are replaced whole."""
    merged = below | above
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            merged[key] = overlay(below[key], above[key])
    return merged


def _parse(text: str) -> object:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _explain(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}: " if mark else ""
    if isinstance(error, yaml.constructor.ConstructorError):
        return f"{place}{error.problem}"
    if r"'\t'" in str(error.problem):
        return f"{place}a tab stands where YAML takes spaces only"
    return (
        f"{place}this is no YAML ({error.problem}): look for a missing colon, quote or bracket"
        " there or on the line before"
    )


def _shorten(value: object) -> str:
    text = value if isinstance(value, str) else "this block"
    shown = text if text.isprintable() else repr(text)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."
