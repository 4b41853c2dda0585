"""Who may import whom; the order of the packages is held by the contracts in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
# Read by every job when the Snakefile is parsed.
SNAKEFILE_SIDE = (
    "physics.lattice",
    "physics.stacking",
    "states.sweep",
    "pipeline.fingerprint",
    "pipeline.products",
    "analysis.registry",
    "figures.registry",
    "pipeline.config_check",
)


def test_packages_keep_their_order():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_parsing_the_snakefile_starts_neither_jax_nor_netcdf():
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT / 'workflow')!r});"
        + "".join(f"import moirespin.{module};" for module in SNAKEFILE_SIDE)
        + "print([m for m in ('jax', 'xarray', 'flax', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
