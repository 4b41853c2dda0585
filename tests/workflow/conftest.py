"""Copies of the workflow in temporary folders, and the tiny run in one of them, computed once."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import warm_python

PROJECT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config.yaml", "tests/config.yaml", "workflow", "profiles", "resources")
PARTS += ("envs", "pyproject.toml", "results/README.md")
CONFIGS = ("config.yaml", "tests/config.yaml")


def copy_project(folder: Path) -> Path:
    """Copy what Snakemake needs into `folder`."""
    for part in PARTS:
        source, target = PROJECT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return folder


def options(*arguments: str, configs: tuple[str, ...]) -> list[str]:
    """Return the arguments of Snakemake, on two cores."""
    return [*arguments, "--cores", "2", "--configfile", *configs]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which `folder`, not the installed package, is what runs."""
    return os.environ | {
        "PYTHONPATH": str(folder / "workflow"),
        # Only saves time: shards of one angle compile the same programs.
        "JAX_COMPILATION_CACHE_DIR": str(folder / ".jax_cache"),
    }


def write_changes(folder: Path, changes: dict | None) -> tuple[str, ...]:
    """Write `changes` of the config over the tiny one; return all config files."""
    if not changes:
        return CONFIGS
    (folder / "changes.yaml").write_text(yaml.safe_dump(changes))
    return *CONFIGS, "changes.yaml"


def call(
    folder: Path, *arguments: str, changes: dict | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in `folder` and return what came of it, standard error in `stdout` too."""
    called = options(*arguments, configs=write_changes(folder, changes))
    snakemake = ["-m", "snakemake", *called]
    status, output = warm_python.run(snakemake, str(folder), environment(folder))
    return subprocess.CompletedProcess(called, status, output)


def plan(folder: Path, *targets: str, changes: dict | None = None) -> dict[str, list[str]]:
    """Return the rules that a dry run plans, each with the outputs of its jobs."""
    answer = call(folder, *targets, "--dry-run", changes=changes)
    assert answer.returncode == 0, answer.stdout
    planned: dict[str, list[str]] = {}
    jobs = 0
    for block in re.split(r"^(?:local)?rule ", answer.stdout, flags=re.MULTILINE)[1:]:
        jobs += 1
        outputs = re.search(r"^    output: (.*)$", block, re.MULTILINE)
        if outputs:
            planned.setdefault(block.partition(":")[0], []).append(outputs[1])
    total = re.search(r"^total +(\d+)$", answer.stdout, re.MULTILINE)
    assert jobs == (int(total[1]) if total else 0), answer.stdout
    assert planned or "Nothing to be done" in answer.stdout, answer.stdout
    return planned


@pytest.fixture(scope="session")
def copy():
    """(folder) -> the same folder with a copy of the workflow in it."""
    return copy_project


@pytest.fixture(scope="session")
def snakemake():
    """(folder, *arguments, changes=None) -> completed process of Snakemake."""
    return call


@pytest.fixture(scope="session")
def start_snakemake():
    """(folder, *arguments) -> running Snakemake, leader of a process group of its own."""

    def start(folder, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *options(*arguments, configs=CONFIGS)],
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    return start


@pytest.fixture(scope="session")
def planned():
    """(folder, *targets, changes=None) -> {rule: [outputs of a job]} of a dry run."""
    return plan


@pytest.fixture
def project(tmp_path):
    """A fresh copy of the workflow without results."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id):
    """The folder of the tiny run, computed once for all workers; not to be changed by a test."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished"
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = folder / "answer.txt"
        if not folder.exists():
            completed = call(copy_project(folder))
            answer.write_text(f"{completed.returncode}\n{completed.stdout}")
    code, _, output = answer.read_text().partition("\n")
    assert code == "0", output
    return folder


@pytest.fixture
def rerun(finished, tmp_path):
    """A copy of the tiny run's folder, times included, for a test to change."""
    return shutil.copytree(finished, tmp_path / "rerun", symlinks=True)


@pytest.fixture
def fresh(finished, tmp_path):
    """A copy of the tiny run's folder without its results."""
    ignored = shutil.ignore_patterns("results", ".snakemake")
    return shutil.copytree(finished, tmp_path / "fresh", ignore=ignored)
