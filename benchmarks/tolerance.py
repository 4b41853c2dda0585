"""What the torque tolerance leaves of domain states, against ten times as close a relaxation.

python benchmarks/tolerance.py [--m 13] [--sets 920] [--tolerances-mev 1e-4 1e-5]

Relaxes both branches of the sets of one angle with each tolerance; the last is the reference.
Printed are the seconds that it took (compiled before), the number of domain states found, and for
those near the ground state mean and largest mean |dS^z| over the orbits against the reference.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import yaml

from moirespin.pipeline import arithmetic
from moirespin.solver.relaxation import Solver
from moirespin.states.settings import build_model, read_material, read_sweep
from moirespin.states.sweep import draw_parameters
from moirespin.textures.branches import relax_branches, relevance

PROJECT = Path(__file__).parents[1]
# Domain states of less relevance to the ground state are left out.
LEAST_RELEVANCE = 0.1
SEED = 1  # of the shipped texture model's sets
LANES = 16


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--m", type=int, default=13)
    parser.add_argument("--sets", type=int, default=920)
    parser.add_argument("--tolerances-mev", type=float, nargs="+", default=[1e-4, 1e-5])
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    bilayer, couplings = build_model(options.m, read_material(config))
    box = read_sweep(config["sweep"]).box
    sets = draw_parameters(SEED, options.m, range(options.sets), box=box)
    found, seconds = [], []
    for tolerance in options.tolerances_mev:
        solver = Solver(**config["relax"])._replace(torque_tolerance_mev=tolerance)
        relax_branches(bilayer, couplings, sets[:LANES], solver=solver, lanes=LANES)
        began = time.monotonic()
        found.append(relax_branches(bilayer, couplings, sets, solver=solver, lanes=LANES))
        seconds.append(time.monotonic() - began)
    reference = found[-1]
    near = relevance(reference.energy_mev / bilayer.sites, 1) > LEAST_RELEVANCE
    print(f"m = {options.m}, {options.sets} sets")
    print("tolerance (meV)  seconds  domain states  near the ground state: number, mean, largest")
    rows = zip(options.tolerances_mev, found, seconds, strict=True)
    for tolerance, own, took in rows:
        miss = np.abs(np.cos(own.tilt[:, 1]) - np.cos(reference.tilt[:, 1])).mean(axis=(1, 2))
        known = np.isfinite(miss) & near
        print(
            f"{tolerance:15.0e} {took:8.1f} {np.isfinite(own.energy_mev[:, 1]).sum():14d}"
            f" {known.sum():30d} {miss[known].mean():9.1e} {miss[known].max():8.1e}"
        )


if __name__ == "__main__":
    main()
