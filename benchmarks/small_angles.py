"""How much a coarse supercell changes a texture that stands for a small angle.

python benchmarks/small_angles.py [--indices 45 64 90] [--sets 0.5,0.1 0.3,0.25 ...]

The texture model draws small angles by the scaling law: a state at theta is that of a coarser
supercell with the same J theta^2 and D. Each set, J theta^2 (meV deg^2) and D (meV), is relaxed at
all twist indices; printed is the mean |S^z| difference over the cell from the finest supercell, and
the width of a wall, sqrt(J / 2 D) lattice constants, in the coarse one.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import yaml

from moirespin.physics.lattice import twist_angle_deg
from moirespin.pipeline import arithmetic
from moirespin.solver.relaxation import Solver
from moirespin.states.settings import build_model, read_material
from moirespin.textures.branches import orbits, relax_branches
from moirespin.textures.cell import build_waves, fit_waves
from moirespin.textures.model import DOMAIN, NONCOLLINEAR
from moirespin.textures.placement import cell_grid

PROJECT = Path(__file__).parents[1]
SETS = ("2.0,0.1", "0.7,0.05", "0.7,0.25", "0.2,0.1")
# Long enough for the walls of the coarsest supercell.
REACH = 48.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--indices", type=int, nargs="+", default=[45, 64, 90])
    parser.add_argument("--sets", nargs="+", default=SETS, metavar="JTHETA2,D")
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    scaled, anisotropy = np.array([list(map(float, one.split(","))) for one in options.sets]).T
    drawn = {}
    for index in sorted(options.indices):
        began = time.monotonic()
        drawn[index] = relax(index, scaled, anisotropy, config=config)
        print(f"m = {index}: {time.monotonic() - began:.0f} s", flush=True)
    finest = max(drawn)
    print("J theta^2      D   m   J (meV)  wall (a)  mean |dS^z| from m =", finest)
    for row, (product, single) in enumerate(zip(scaled, anisotropy, strict=True)):
        for index in sorted(drawn)[:-1]:
            exchange = product / twist_angle_deg(index) ** 2
            miss = np.abs(drawn[index][row] - drawn[finest][row]).mean()
            wall = np.sqrt(exchange / (2 * single))
            print(
                f"{product:9.2f} {single:6.3f} {index:3d} {exchange:9.2f} {wall:9.1f} {miss:12.5f}"
            )


def relax(
    index: int, scaled: np.ndarray, anisotropy: np.ndarray, *, config: dict
) -> list[np.ndarray]:
    """Return S^z of the ground state of each set on a grid of the cell, (layer, u1, u2)."""
    bilayer, couplings = build_model(index, read_material(config))
    sets = np.stack([scaled / twist_angle_deg(index) ** 2, anisotropy], axis=1)
    solver = Solver(**config["relax"])
    branches = relax_branches(bilayer, couplings, sets, solver=solver, lanes=len(sets))
    waves = build_waves(REACH)
    _, orbit = orbits(bilayer)
    found = []
    for energy, tilts in zip(branches.energy_mev, branches.tilt, strict=True):
        branch = DOMAIN if not energy[0] <= energy[1] else NONCOLLINEAR
        field = tilts[branch - 1].astype(np.float64)[:, orbit[0]].reshape(2, 2, bilayer.cells)
        mean, half = np.moveaxis(cell_grid(waves, fit_waves(waves, bilayer, field)), 1, 0)
        found.append(0.5 * (np.cos(mean + half) + np.cos(mean - half)))
    return found


if __name__ == "__main__":
    main()
