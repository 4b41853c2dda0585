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
from moirespin.textures.branches import Branches, relax_branches


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
    found = relax_branches(bilayer, couplings, sets, solver=solver, lanes=lanes)
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
            "tilt": found.tilt,
            "branch_energy": found.energy_mev,
            "branch_torque": found.largest_torque_mev,
            "limit_exchange": exchange,
            "limit_anisotropy": limits,
        },
    )


def as_branches(branches: xr.Dataset) -> Branches:
    """Return the branches of a dataset, schema `branches`."""
    names = ("tilt", "branch_energy", "branch_torque")
    return Branches(*(branches[name].values for name in names))
