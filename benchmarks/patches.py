"""Show where the patches of the domain start may end without leaving walls stuck on the lattice.

    python benchmarks/patches.py [--phase-diagram results/paper/phase_diagram.nc]

Relaxes domain starts whose patches end at several shares of the strongest local exchange, 0 being
its change of sign, where domain walls are narrow, and prints how far each ends above the lowest.
With --phase-diagram: how often, in a finished run, another start found a lower domain state.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import xarray as xr
import yaml

from moirespin.io import netcdf
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import Solver
from moirespin.states import ground_state
from moirespin.states.settings import build_model, read_material

os.environ.setdefault("NPROC", "1")
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

EDGES = (-0.25, 0.0, 0.15, 0.25, 0.35, 0.5)
TWIST_INDICES = (26, 29, 32)
EXCHANGE_MEV = (1.0, 1.05, 1.2, 2.0, 4.0)
ANISOTROPY_MEV = (0.22, 0.26, 0.3)
LANES = 32


def energies_above(twist_index: int, config: dict) -> np.ndarray:
    """Return the energy (meV) above the lowest of all edges, shape (set, edge)."""
    _, couplings = build_model(twist_index, read_material(config))
    starts = []
    for edge in EDGES:
        ground_state.PATCH_EDGE = edge
        starts.append(ground_state.structured_starts(couplings, ("domain",))[0])
    sets = np.array([(j, d) for j in EXCHANGE_MEV for d in ANISOTROPY_MEV])
    energies = np.empty((len(sets), len(EDGES)))
    for relaxed in relax_many(
        lambda task: starts[task % len(EDGES)],
        np.repeat(sets, len(EDGES), axis=0),
        couplings,
        solver=Solver(**config["relax"]),
        lanes=LANES,
    ):
        energies[divmod(relaxed.task, len(EDGES))] = relaxed.energy_mev
    return energies - energies.min(axis=1, keepdims=True)


def main() -> None:
    """Print the table, and what a finished run says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phase-diagram", type=Path)
    options = parser.parse_args()
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    print("| m | " + " | ".join(f"edge at {edge:g}" for edge in EDGES) + " |")
    print("|---" * (len(EDGES) + 1) + "|")
    for m in TWIST_INDICES:
        above = energies_above(m, config)
        cells = " | ".join(
            f"{worst:.3f} meV, {count} of {len(above)}"
            for worst, count in zip(above.max(axis=0), (above > 0.01).sum(axis=0), strict=True)
        )
        print(f"| {m} | {cells} |", flush=True)
    if options.phase_diagram:
        with xr.open_dataset(options.phase_diagram) as diagram:
            chosen = diagram["phase"].values == netcdf.PHASES.index("MD")
            energies = diagram["start_energy"].sel(start="domain").values[chosen]
            above = energies - diagram["start_energy"].values[chosen].min(axis=1)
        print(
            f"\n{len(above)} MD sets; the domain start ended above another by at most"
            f" {above.max():.2g} meV, by more than 0.01 meV in {(above > 0.01).sum()}"
        )


if __name__ == "__main__":
    main()
