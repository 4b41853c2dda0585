"""What all tests share: float64 for the energies that decide, and models of the default config."""

import os
from functools import cache
from pathlib import Path

import jax
import pytest
import yaml

from moirespin.physics.hamiltonian import couple
from moirespin.physics.interlayer import interlayer_exchange
from moirespin.physics.lattice import build_bilayer
from moirespin.solver.relaxation import Solver
from moirespin.states.settings import read_interlayer, read_recipe

ROOT = Path(__file__).parents[1]

# Most tests, and jobs that they start, compile for longer than they compute: the older way of
# compiling a sum or a product takes half the time. Tests of bytes (`test_batch`) go without it.
FLAGS = os.environ.get("XLA_FLAGS", "").split()
FLAGS += {"--xla_cpu_use_fusion_emitters=false"}.difference(FLAGS)
os.environ["XLA_FLAGS"] = " ".join(FLAGS)
jax.config.update("jax_enable_x64", True)
# What took long to compile is kept for the other workers and for the next time.
jax.config.update("jax_compilation_cache_dir", str(ROOT / ".pytest_cache/jax"))
jax.config.update("jax_compilation_cache_max_size", 300 * 2**20)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

# Workers take files in this order. The tiny run and Slurm, for which a worker waits, begin while
# the others test the package; the longest files that need the tiny run follow, then all others.
FIRST = ("test_run.py", "test_slurm.py")
NEXT = ("test_faults.py", "test_rerun.py")


def pytest_collection_modifyitems(items):
    """Sort files so that all workers end at about the same time."""

    def place(item):
        name = item.path.name
        if name in FIRST:
            return FIRST.index(name)
        if not item.get_closest_marker("workflow"):
            return len(FIRST)
        return len(FIRST) + 1 + (name not in NEXT)

    items.sort(key=place)


# Tests in these folders relax or train for long enough to make up for what optimising takes.
OPTIMISED = ("solver", "states", "textures", "front", "workflow")


@pytest.fixture(scope="module", autouse=True)
def optimised(request):
    """Compile without most optimisations what other tests run a few times only."""
    name = "jax_disable_most_optimizations"
    jax.config.update(name, request.path.parent.name not in OPTIMISED)
    yield
    jax.config.update(name, False)


@cache
def _model(m: int, scale: float, kind: str):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    table = ROOT / config["interlayer"]["stacking_map"]["table"]
    exchange = config["interlayer"] | {"scale": scale, "model": kind}
    exchange["stacking_map"] = exchange["stacking_map"] | {"table": table}
    bilayer = build_bilayer(m, **config["lattice"])
    pairs, interlayer_mev = interlayer_exchange(bilayer, read_interlayer(exchange))
    return bilayer, pairs, interlayer_mev


@cache
def _couplings(m: int, scale: float):
    return couple(*_model(m, scale, "c3z"))


@pytest.fixture(scope="session")
def config():
    """The default config; not to be changed by a test."""
    return yaml.safe_load((ROOT / "config.yaml").read_text())


@pytest.fixture(scope="session")
def model():
    """(m, scale, exchange model) -> bilayer, interlayer pairs and their exchange (meV)."""
    return lambda m, scale=1.0, kind="c3z": _model(m, scale, kind)


@pytest.fixture(scope="session")
def couplings():
    """(m, scale) -> bonds of the c3z model."""
    return lambda m, scale=1.0: _couplings(m, scale)


@pytest.fixture(scope="session")
def recipe(config):
    """How the default config finds ground states."""
    return read_recipe(config)


@pytest.fixture(scope="session")
def solver(config):
    """The default settings of the relaxation."""
    return Solver(**config["relax"])
