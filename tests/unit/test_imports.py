"""Who may import whom: the order of the modules mirrors the order of the rules."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "workflow" / "scripts" / "moirespin"
PHYSICS = [
    "lattice",
    "stacking",
    "exchange",
    "hamiltonian",
    "relax",
    "lanes",
    "ground_state",
    "phases",
    "response",
    "imaging",
]
ORDER = [
    *PHYSICS,
    "sweep",
    "schemas",
    "seals",
    "origin",
    "dataset",
    "csvw",
    "packed",
    "metrics",
    "simulate",
    "challenge",
    "calibrate",
    "gather",
    "information",
    "networks",
    "noise",
    "training",
    "tasks",
    "samples",
    "predictions",
    "joint",
    "boundary",
    "analysis",
    "alignment",
    "tables",
    "sample_curve",
    "trends",
    "worst",
    "figures",
]
# Not part of the science: the workflow's own tools, and the command that uses everything.
APART = ["runtime", "provenance", "settings", "products", "archive", "cli"]
# Read by every job when the Snakefile is parsed.
SNAKEFILE_SIDE = ["lattice", "stacking", "sweep", "provenance", "products", "settings"]


def sources(module):
    path = PACKAGE / f"{module}.py"
    return [path] if path.exists() else sorted((PACKAGE / module).glob("*.py"))


def imports(module):
    """Return the dotted names that a module imports, wherever in its code."""
    names = set()
    for path in sources(module):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def siblings(module):
    parts = [name.split(".") for name in imports(module)]
    return {name[1] for name in parts if name[0] == "moirespin" and name[1] != module}


def test_every_module_has_its_place():
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__init__", "__pycache__"} == {*ORDER, *APART}


@pytest.mark.parametrize("module", ORDER)
def test_no_module_imports_a_later_one(module):
    assert siblings(module) <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("module", ["runtime", "provenance", "products", "settings"])
def test_tools_import_no_science(module):
    assert siblings(module) == set()


@pytest.mark.parametrize("module", PHYSICS)
def test_physics_knows_neither_snakemake_nor_the_config(module):
    tops = {name.split(".")[0] for name in imports(module)}
    assert not tops & {"snakemake", "yaml", "jsonschema", "os", "xarray"}
    assert not siblings(module) & {"settings", "dataset", "sweep", "runtime"}


@pytest.mark.parametrize("module", ORDER + APART)
def test_snakemake_is_known_to_the_scripts_only(module):
    assert "snakemake" not in {name.split(".")[0] for name in imports(module)}


def test_the_package_itself_is_empty():
    assert (PACKAGE / "__init__.py").read_text() == ""


def test_parsing_the_snakefile_starts_neither_jax_nor_netcdf():
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r});"
        + "".join(f"import moirespin.{module};" for module in SNAKEFILE_SIDE)
        + "print([m for m in ('jax', 'xarray', 'flax', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_simulation_does_not_import_the_networks():
    reached, waiting = set(), ["simulate"]
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting += siblings(module) - reached
    assert not reached & {"networks", "training", "analysis", "figures", "imaging"}
    assert {"lattice", "relax", "dataset"} <= reached
