"""Both branches of all parameter sets of one twist angle, as a dataset.

Units: meV.
"""

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.textures import BRANCHES
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_space import Box
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import Material, build_model
from moirespin.textures.angles import Angle, draw_sets, limit_exchanges
from moirespin.textures.branches import Branches, relax_branches, relevance
from moirespin.textures.refinement import halfway

# Further sets are put where they are wanted in so many rounds.
ROUNDS = 4


def relax_angle(
    angle: Angle,
    box: Box,
    *,
    least_exchange_mev: float,
    material: Material,
    solver: Solver,
    seed: int,
    lanes: int,
) -> xr.Dataset:
    """Return both branches of all sets of one angle, and stability limits; schema `branches`."""
    index = angle.twist_index
    bilayer, couplings = build_model(index, material)
    sets = draw_sets(angle, box, least_exchange_mev=least_exchange_mev, seed=seed)

    def relax(sets: np.ndarray) -> Branches:
        return relax_branches(bilayer, couplings, sets, solver=solver, lanes=lanes)

    found = relax(sets)
    for _ in range(ROUNDS):
        more = halfway(
            sets,
            _order_parameters(found),
            relevance(found.energy_mev / bilayer.sites, 1),
            count=angle.further_sets // ROUNDS,
            box=box,
        )
        if not len(more):
            break
        sets = np.concatenate([sets, more])
        pairs = zip(found, relax(more), strict=True)
        found = Branches(*(np.concatenate(pair) for pair in pairs))
    exchange = limit_exchanges(angle, box, least_exchange_mev=least_exchange_mev)
    limits = critical_anisotropy(couplings, exchange) if len(exchange) else exchange
    return netcdf.make(
        BRANCHES,
        {
            "twist_index": np.full(len(sets), index),
            "set_number": np.arange(len(sets)),
            "twist_angle": np.full(len(sets), twist_angle_deg(index)),
            "exchange": sets[:, 0],
            "anisotropy": sets[:, 1],
            "further": np.arange(len(sets)) >= angle.sets,
            "tilt": found.tilt,
            "branch_energy": found.energy_mev,
            "branch_torque": found.largest_torque_mev,
            "limit_exchange": exchange,
            "limit_anisotropy": limits,
        },
    )


def _order_parameters(found: Branches) -> np.ndarray:
    """Return the order parameter of each domain state, NaN where there is none, shape (set,)."""
    odd = 0.5 * (found.tilt[:, 1, 0] + found.tilt[:, 1, 1])
    return np.sqrt(np.mean(odd.astype(np.float64) ** 2, axis=-1))


def as_branches(branches: xr.Dataset) -> Branches:
    """Return the branches of a dataset, schema `branches`."""
    names = ("tilt", "branch_energy", "branch_torque")
    return Branches(*(branches[name].values for name in names))
