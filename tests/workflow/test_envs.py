"""The environments of envs/ agree with each other and can be installed from any index."""

import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ENVS = Path(__file__).parents[2] / "envs"
LOCKS = ["requirements.txt", "requirements-cuda.txt"]
CONDA = {"jax.yaml": "requirements.txt", "jax-cuda.yaml": "requirements-cuda.txt"}
PYTHONS = ["3.11", "3.12", "3.13"]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
INDEX_ADDRESS = re.compile(r"://|--(extra-)?index-url|--find-links|--trusted-host|(^|\s)-[if]\s")


def entries(name: str) -> list[tuple[Requirement, int]]:
    """Return each requirement of a lock with its number of hashes."""
    text = "".join(
        line for line in (ENVS / name).open(encoding="utf-8") if not line.lstrip().startswith("#")
    )
    logical = text.replace("\\\n", " ").splitlines()
    return [
        (Requirement(line.split("--hash")[0]), len(HASH.findall(line)))
        for line in logical
        if line.strip()
    ]


def pins(name: str, python: str = "3.12") -> dict[str, str]:
    """Return the specifier of each package of a lock on Linux under one Python."""
    linux = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
    }
    chosen = [r for r, _ in entries(name) if r.marker is None or r.marker.evaluate(linux)]
    names = [canonicalize_name(r.name) for r in chosen]
    assert len(names) == len(set(names)), "a package is locked twice"
    return {canonicalize_name(r.name): str(r.specifier) for r in chosen}


def direct(name: str) -> list[Requirement]:
    """Return the requirements that stand in a `.in` file itself."""
    lines = (ENVS / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and line[0] not in "#-"]


@pytest.mark.parametrize("lock", [*LOCKS, "docs.txt", "readers.txt"])
def test_every_locked_requirement_is_exact_and_has_a_hash(lock):
    locked = entries(lock)
    assert len(locked) > 20
    for requirement, hashes in locked:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes >= 1, requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_the_direct_requirements(lock, python):
    locked = pins(lock, python)
    for requirement in direct(lock.replace(".txt", ".in")):
        assert locked[canonicalize_name(requirement.name)] == str(requirement.specifier)


@pytest.mark.parametrize("python", PYTHONS)
def test_cuda_lock_shares_the_versions_of_the_cpu_lock(python):
    cpu, cuda = pins("requirements.txt", python), pins("requirements-cuda.txt", python)
    assert {name: cuda.get(name) for name in cpu} == cpu
    assert "jax-cuda12-plugin" in cuda
    assert not [name for name in cpu if "cuda" in name or name.startswith("nvidia")]


@pytest.mark.parametrize(("env", "lock"), CONDA.items())
def test_conda_pins_equal_the_lock(env, lock):
    dependencies = yaml.safe_load((ENVS / env).read_text(encoding="utf-8"))["dependencies"]
    python = next(d.partition("=")[2] for d in dependencies if str(d).startswith("python="))
    assert python in PYTHONS
    (pip,) = [d["pip"] for d in dependencies if isinstance(d, dict)]
    assert len(pip) >= 10
    locked = pins(lock, python)
    for requirement in map(Requirement, pip):
        assert str(requirement.specifier) == locked[canonicalize_name(requirement.name)]


def test_conda_envs_differ_in_cuda_only():
    cpu, cuda = (
        yaml.safe_load((ENVS / env).read_text(encoding="utf-8"))["dependencies"] for env in CONDA
    )
    assert [re.sub(r"\[cuda\d+\]", "", p) for p in cuda[-1]["pip"]] == cpu[-1]["pip"]
    assert cuda[:-1] == cpu[:-1]


@pytest.mark.parametrize("path", sorted(p.name for p in ENVS.iterdir() if p.is_file()))
def test_no_index_address(path):
    for line in (ENVS / path).read_text(encoding="utf-8").splitlines():
        assert not INDEX_ADDRESS.search(line), line
