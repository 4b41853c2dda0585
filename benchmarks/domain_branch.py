"""The order parameter of domain textures along J, each state relaxed from the one before.

python benchmarks/domain_branch.py [--m 20] [--anisotropy-mev 0.29] [--scaled 6.3 6.4 6.5 6.6]

J theta^2 (meV deg^2) rises through the values of --scaled and falls again; two states at one value
mean a transition of first order. Printed are s, the root mean square of half the sum of both
layers' tilts, and the energy (meV per supercell) less that of the noncollinear state. With
--exchange-mev values of J stand in the place of those of J theta^2.
"""

import argparse
from pathlib import Path

import numpy as np
import yaml

from moirespin.physics.hamiltonian import Couplings
from moirespin.physics.lattice import Bilayer, symmetry_maps, twist_angle_deg
from moirespin.pipeline import arithmetic
from moirespin.solver.batch import Relaxed, relax_many
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import structured_starts
from moirespin.states.settings import build_model, read_material
from moirespin.textures.branches import signed_tilt

PROJECT = Path(__file__).parents[1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--m", type=int, default=20)
    parser.add_argument("--anisotropy-mev", type=float, default=0.29)
    parser.add_argument("--scaled", type=float, nargs="+", default=[6.3, 6.4, 6.5, 6.6])
    parser.add_argument("--exchange-mev", type=float, nargs="+")
    parser.add_argument("--torque-tolerance-mev", type=float, help="default: that of config.yaml")
    options = parser.parse_args()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    solver = Solver(**config["relax"])
    if options.torque_tolerance_mev:
        solver = solver._replace(torque_tolerance_mev=options.torque_tolerance_mev)
    bilayer, couplings = build_model(options.m, read_material(config))
    squared = twist_angle_deg(options.m) ** 2
    exchange = options.exchange_mev or [scaled / squared for scaled in options.scaled]
    tilted, domain = structured_starts(couplings, ("tilted", "domain"))

    def relax(start: np.ndarray, own: float) -> Relaxed:
        return relax_one(start, (own, options.anisotropy_mev), couplings, solver=solver)

    noncollinear = {own: relax(tilted, own).energy_mev[0] for own in exchange}
    print(f"m = {options.m}, D = {options.anisotropy_mev} meV")
    print("         J  J theta^2        s  energy less that of the noncollinear state")
    for word, way in (("rising", sorted(exchange)), ("falling", sorted(exchange, reverse=True))):
        print(f"J {word}")
        last = domain
        for own in way:
            found = relax(last, own)
            gain = found.energy_mev[0] - noncollinear[own]
            order = order_parameter(found.spins[0], bilayer)
            print(f"{own:10.4f} {own * squared:10.3f} {order:8.4f} {gain:12.5f}", flush=True)
            last = found.spins[0]


def relax_one(
    start: np.ndarray, parameters_mev: tuple[float, float], couplings: Couplings, *, solver: Solver
) -> Relaxed:
    """Return what one start (component, site) relaxes to."""
    (found,) = relax_many(
        lambda _: start, np.array([parameters_mev]), couplings, solver=solver, lanes=1
    )
    if found.status[0] != CONVERGED:
        raise SystemExit(f"J, D = {parameters_mev} meV did not converge")
    return found


def order_parameter(spins: np.ndarray, bilayer: Bilayer) -> float:
    """Return s of a texture (component, site)."""
    tilt = signed_tilt(spins)
    half_sum = 0.5 * (tilt + tilt[symmetry_maps(bilayer)["layer_swap"]])
    return float(np.sqrt(np.mean(half_sum**2)))


if __name__ == "__main__":
    main()
