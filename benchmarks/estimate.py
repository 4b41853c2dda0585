"""Estimate what a GPU would need for the ground states of a finished run, from bytes alone.

    python benchmarks/estimate.py results/paper/phase_diagram.nc
        [--trials results/starts/challenge.nc] [--bandwidth 3.35e12]

An estimate, not a measurement: iterations are those of the run, and each moves its arrays through
the memory once (all operations of an iteration fused) or once for every operation (none fused).
Compiling, about ten seconds for each twist angle, comes on top. --bandwidth is in byte/s; the
default is the data sheet's of an NVIDIA H100 SXM.
"""

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
import yaml

ROOT = Path(__file__).parents[1]
FLOAT_BYTES = 4


def floats_per_spin(components: int, memory: int, degree: int) -> tuple[int, int]:
    """Return the numbers read and written per spin and iteration, all fused and none fused."""
    tangent = 1 if components == 2 else 3
    state = 3 * components + 2 * tangent
    history = 2 * memory * tangent
    chebyshev = 4 * degree * tangent
    # Overlaps read two arrays each: the energy change, three per stored pair, four of the step.
    overlaps = 4 * components + 2 * tangent * (3 * memory + 4)
    fused = 2 * state + history + 2 * tangent + chebyshev
    return fused, fused + overlaps + 2 * (state + history)


def main() -> None:
    """Print the two estimates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("phase_diagram", type=Path)
    parser.add_argument("--trials", type=Path, help="challenge.nc with random starts")
    parser.add_argument("--bandwidth", type=float, default=3.35e12)
    options = parser.parse_args()
    relax = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["relax"]
    solver = relax["memory"], relax["preconditioner_degree"]

    def report(name: str, spin_iterations: float, components: int) -> None:
        low, high = (
            spin_iterations * floats * FLOAT_BYTES / options.bandwidth
            for floats in floats_per_spin(components, *solver)
        )
        print(f"{name}: {spin_iterations:.3g} spin iterations, {low:.2g} to {high:.2g} s")

    with xr.open_dataset(options.phase_diagram) as diagram:
        m = diagram["twist_index"].values
        sites = 4 * (3 * m * m + 3 * m + 1)
        work = float((sites[:, None] * diagram["start_steps"].values).sum())
        report(f"{len(m)} sets, starts of the run", work, 2)
    if options.trials:
        with xr.open_dataset(options.trials) as trials:
            random = trials["trial_steps"].values[:, 1:]
            tested = trials["twist_index"].values
        # Each set costs what the mean of its angle's tested sets does.
        work = sum(
            4 * (3 * own * own + 3 * own + 1) * random[tested == own].sum(axis=1).mean()
            for own in m
            if np.any(tested == own)
        )
        report(f"{len(m)} sets, {random.shape[1]} random starts each", float(work), 3)


if __name__ == "__main__":
    main()
