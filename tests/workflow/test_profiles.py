"""The profiles agree with each other, with the rules and with the scripts."""

import re

import pytest
import yaml

from moirespin.analysis.registry import ANALYSES
from moirespin.figures.registry import FIGURES
from snakefile import JOBS, LOCAL, PROJECT, starts_jax

PROFILES = {
    path.parent.name: yaml.safe_load(path.read_text())
    for path in (PROJECT / "profiles").glob("*/profile.yaml")
}
ASK_FOR_GPU = {name for name, rule in JOBS.items() if starts_jax(rule)}
# A profile replaces another one, so each repeats these.
SHARED = ("rerun-triggers", "rerun-incomplete", "keep-going", "printshellcmds")


def granted(profile):
    return {
        rule
        for rule, values in PROFILES[profile].get("set-resources", {}).items()
        if "gpu" in values
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_share_what_decides_reruns(profile):
    for key in SHARED:
        assert PROFILES[profile][key] == PROFILES["default"][key], key


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_name_rules_that_exist(profile):
    assert PROFILES[profile].get("set-resources", {}).keys() <= JOBS.keys()


def test_a_gpu_is_granted_to_every_script_that_asks_for_one():
    assert len(ASK_FOR_GPU) > 10
    assert granted("gpu") == granted("slurm") == ASK_FOR_GPU
    assert granted("slurm-cpu") == granted("default") == set()


@pytest.mark.parametrize("profile", ["slurm", "slurm-cpu"])
def test_jobs_are_resubmitted_with_more_memory_and_time(profile):
    settings = PROFILES[profile]
    assert settings["retries"] > 0
    groups = [settings["default-resources"], *settings["set-resources"].values()]
    asked = [group[key] for group in groups for key in ("mem_mb", "runtime") if key in group]
    assert all(re.fullmatch(r"\d+ \* attempt", value) for value in asked)
    assert "groups" not in settings  # a group of GPU jobs would ask for the sum of their GPUs


def test_no_rule_retries_within_its_allocation():
    text = "".join(path.read_text() for path in (PROJECT / "workflow/rules").glob("*.smk"))
    assert "retries:" not in text


def test_rules_that_only_draw_or_tabulate_are_local():
    assert not LOCAL & ASK_FOR_GPU
    seconds = {analysis.name for analysis in ANALYSES if analysis.takes_seconds}
    assert seconds | {figure.name for figure in FIGURES} <= LOCAL
