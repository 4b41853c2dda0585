"""The rules as Snakemake reads them, for tests of what every rule must have."""

import os
import re
from pathlib import Path

import pytest
from snakemake.api import SnakemakeApi
from snakemake.rules import Rule
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

PROJECT = Path(__file__).parents[1]
SCRIPTS = PROJECT / "workflow/scripts"


def _load() -> tuple[dict[str, Rule], set[str]]:
    # The Snakefile sets variables for its jobs, which are not for the other tests.
    with SnakemakeApi(OutputSettings()) as api, pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", os.environ.copy())
        workflow = api.workflow(
            ResourceSettings(),
            ConfigSettings(configfiles=[PROJECT / "config.yaml"]),
            snakefile=PROJECT / "Snakefile",
        )._workflow
        return {rule.name: rule for rule in workflow.rules}, workflow._localrules


RULES, LOCAL = _load()
# Those that compute something: not `all`, and not those that refuse.
JOBS = {name: rule for name, rule in RULES.items() if rule.script}


def script(rule: Rule) -> Path:
    """Return the script of a rule."""
    return (PROJECT / "workflow/rules" / str(rule.script)).resolve()


def starts_jax(rule: Rule) -> bool:
    """Return whether a rule's script sets JAX up on the devices that the profile grants."""
    text = script(rule).read_text(encoding="utf-8")
    return bool(re.search(r"jobs\.start_(simulation|learning)\(", text)) and '= "cpu"' not in text
