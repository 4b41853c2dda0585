"""What every file that a job writes says about its making: config, code, versions, seed.

No times, host names or folders are recorded: the same job gives the same bytes.
"""

import json
import os
import platform
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[3]
PACKAGES: tuple[str, ...] = (
    "flax",
    "jax",
    "jax-cuda12-plugin",
    "jaxlib",
    "matplotlib",
    "netCDF4",
    "numpy",
    "optax",
)
PACKAGES += ("pandas", "safetensors", "scipy", "xarray")


def of(snakemake: Any) -> dict[str, Any]:
    """Return what made the files of a job.

    The whole config is recorded, as it was when the job ran. It is taken from the job and not from
    the rule's params: an edit of a key that the rule does not use changes no file.

    Args:
        snakemake: the object of that name in a script; its params hold `code`.
    """
    # Flags that change arithmetic are refused before a job computes.
    flags = os.environ.get("XLA_FLAGS", "")
    return {
        "moirespin_version": moirespin_version(),
        "rule": snakemake.rule,
        "code": snakemake.params.code,
        "seed": snakemake.config["seed"],
        # Through JSON: a record of its own, and no number type that JSON does not know.
        "config": json.loads(json.dumps(snakemake.config, sort_keys=True)),
        "versions": versions(),
    } | ({"xla_flags": flags} if flags else {})


def moirespin_version() -> str:
    """Return the version of the code beside this file; an environment's own may be another."""
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that can change a number, as installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            # An environment that lacks one ran a rule that does not import it.
            continue
    return found


def attributes(made: dict) -> dict:
    """Return a record as attributes of a netCDF file: what is nested becomes JSON text."""
    return {
        name: json.dumps(value, sort_keys=True) if isinstance(value, dict) else value
        for name, value in made.items()
    }
