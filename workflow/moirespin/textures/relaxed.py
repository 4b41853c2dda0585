"""Both branches of all parameter sets of one twist angle, as a dataset.

Units: meV.
"""

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.textures import BRANCHES, FURTHER, TEST, TRAINING
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_space import Box
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import Material, build_model
from moirespin.textures.angles import Angle, draw_sets, held_out, limit_exchanges
from moirespin.textures.branches import Branches, relax_branches, relevance
from moirespin.textures.refinement import halfway

# Further sets are added in so many rounds, each from all sets relaxed before it.
ROUNDS = 4


def relax_angle(
    angle: Angle,
    box: Box,
    *,
    least_exchange_mev: float,
    test_share: float,
    material: Material,
    solver: Solver,
    seed: int,
    lanes: int,
) -> xr.Dataset:
    """Return both branches of all sets of one angle, and stability limits; schema `branches`.

    Args:
        angle: the twist angle, and how many sets it has.
        box: ends of J and D.
        least_exchange_mev: lowest J at small angles.
        test_share: share of the drawn sets that are held out; further sets are put by the others.
        material: the layers and what couples them.
        solver: settings of the relaxation.
        seed: of all draws.
        lanes: how many starts are relaxed at once; changes no result.
    """
    index = angle.twist_index
    bilayer, couplings = build_model(index, material)
    sets = draw_sets(angle, box, least_exchange_mev=least_exchange_mev, seed=seed)
    part = np.where(held_out(angle, share=test_share, seed=seed), TEST, TRAINING)

    def relax(new: np.ndarray) -> Branches:
        return relax_branches(bilayer, couplings, new, solver=solver, lanes=lanes)

    found = relax(sets)
    for count in np.diff(np.linspace(0, angle.further_sets, ROUNDS + 1).round().astype(int)):
        # Held-out sets must not draw others to themselves.
        seen = part != TEST
        more = halfway(
            sets[seen],
            _sizes_of_domains(found)[seen],
            relevance(found.energy_mev / bilayer.sites, 1)[seen],
            count=count,
            box=box,
        )
        if not len(more):
            continue
        sets = np.concatenate([sets, more])
        part = np.concatenate([part, np.full(len(more), FURTHER)])
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
            "part": part,
            "tilt": found.tilt,
            "branch_energy": found.energy_mev,
            "branch_torque": found.largest_torque_mev,
            "branch_outcome": found.outcome,
            "limit_exchange": exchange,
            "limit_anisotropy": limits,
        },
    )


def _sizes_of_domains(found: Branches) -> np.ndarray:
    """Return about the order parameter of each domain state, NaN for none, shape (set,).

    Orbits count alike, those of a single site too; no fit of waves is needed.
    """
    odd = 0.5 * (found.tilt[:, 1, 0] + found.tilt[:, 1, 1])
    return np.sqrt(np.mean(odd.astype(np.float64) ** 2, axis=-1))


def as_branches(branches: xr.Dataset) -> Branches:
    """Return the branches of a dataset, schema `branches`."""
    names = ("tilt", "branch_energy", "branch_torque", "branch_outcome")
    return Branches(*(branches[name].values for name in names))
