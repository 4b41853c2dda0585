"""What the command line of Snakemake says of a run: values of the config, options to repeat."""

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml


def nested_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the blocks and lists among values of --config, their numbers as numbers.

    Snakemake reads `--config 'analysis={"bins": 8}'` as YAML, but leaves every value in it text.
    """
    return {key: _typed(value) for key, value in given.items() if isinstance(value, dict | list)}


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    return yaml.safe_load(value) if isinstance(value, str) else value


def same_run(configfiles: Iterable[Path], given: Iterable[str] | None) -> str:
    """Return the command that goes on with the run that a command line is about.

    Args:
        configfiles: files of --configfile.
        given: entries of --config, as they were given.
    """
    files = [os.path.relpath(path) for path in configfiles]
    words = ["snakemake", *(["--configfile", *files] if files else [])]
    return shlex.join([*words, *(["--config", *given] if given else [])])
