"""Show that the cost of ground states grows linearly with spins and with sets.

    python benchmarks/cost.py [--picture benchmarks/cost.png]

Random (J, D) of the default box, three structured starts, one thread. Prints two tables in
Markdown and draws them.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import matplotlib.style
import numpy as np
import yaml
from matplotlib.figure import Figure

from moirespin.solver.relaxation import Solver
from moirespin.states.ground_state import find_ground_states
from moirespin.states.parameter_space import Box
from moirespin.states.settings import build_model, read_material, read_search
from moirespin.states.sweep import draw_parameters

os.environ.setdefault("NPROC", "1")
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

TWIST_INDICES = (6, 8, 11, 16, 22, 32)
SETS = (16, 64, 256, 1024)
SETS_TWIST_INDEX = 10
LANES = 16


def measure(twist_index: int, sets: int, config: dict) -> tuple[int, float, float]:
    """Return spins, seconds (warm) and spin iterations of the ground states of `sets` sets."""
    bilayer, couplings = build_model(twist_index, read_material(config))
    box = Box(config["sweep"]["exchange_mev"], config["sweep"]["anisotropy_mev"])
    parameters = draw_parameters(config["seed"], twist_index, range(sets), box=box)
    search, solver = read_search(config["ground_state"]), Solver(**config["relax"])
    settings = {"random_start": None, "search": search, "solver": solver, "lanes": LANES}
    find_ground_states(bilayer, couplings, parameters[:LANES], **settings)
    begun = time.perf_counter()
    states = find_ground_states(bilayer, couplings, parameters, **settings)
    spent = time.perf_counter() - begun
    return bilayer.sites, spent, float(states.start_steps.sum() * bilayer.sites)


def draw(by_spins: np.ndarray, by_sets: np.ndarray, path: Path) -> None:
    """Draw seconds against spins and against sets, with lines of slope one."""
    matplotlib.style.use(["default", ROOT / "workflow/moirespin/figures/paper.mplstyle"])
    figure = Figure(figsize=(7, 2.8))
    left, right = figure.subplots(1, 2)
    spins, per_iteration, per_set = by_spins
    left.loglog(spins, per_set, "o-", label="one ground state")
    left.loglog(spins, per_iteration, "s-", label="one iteration of three starts")
    left.loglog(spins, per_iteration[0] * spins / spins[0], ":", color="black", label="linear")
    left.set(xlabel="spins in the supercell", ylabel="time (ms)")
    right.loglog(by_sets[0], by_sets[1], "o-", label=f"m = {SETS_TWIST_INDEX}")
    line = by_sets[1][-1] * by_sets[0] / by_sets[0][-1]
    right.loglog(by_sets[0], line, ":", color="black", label="linear")
    right.set(xlabel="parameter sets", ylabel="time (s)")
    for axes in (left, right):
        axes.legend()
    figure.savefig(path)


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, default=ROOT / "benchmarks" / "cost.png")
    options = parser.parse_args()
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    print("| m | spins | ms per ground state | iterations | ns per spin and iteration |")
    print("|---|---|---|---|---|")
    by_spins, by_sets = [], []
    for m in TWIST_INDICES:
        sites, spent, work = measure(m, 96, config)
        by_spins.append((sites, 3e3 * spent * sites / work, 1e3 * spent / 96))
        print(
            f"| {m} | {sites} | {1e3 * spent / 96:.2f} | {work / sites / 96:.0f} |"
            f" {1e9 * spent / work:.1f} |",
            flush=True,
        )
    print("\n| sets (m = 10) | seconds | ms per set |\n|---|---|---|")
    for sets in SETS:
        _, spent, _ = measure(SETS_TWIST_INDEX, sets, config)
        by_sets.append((sets, spent))
        print(f"| {sets} | {spent:.2f} | {1e3 * spent / sets:.2f} |", flush=True)
    draw(np.transpose(by_spins), np.transpose(by_sets), options.picture)


if __name__ == "__main__":
    main()
