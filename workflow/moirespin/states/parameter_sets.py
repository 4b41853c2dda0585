"""Parameter sets to their ground states: one shard of the sweep, or sets of one's own."""

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.states import SHARD
from moirespin.physics.lattice import list_sites, twist_angle_deg
from moirespin.solver.outcomes import CONVERGED
from moirespin.states.ground_state import find_ground_states, layer_magnetization
from moirespin.states.parameter_space import Box
from moirespin.states.settings import Recipe, build_model
from moirespin.states.sweep import draw_directions, draw_parameters


def simulate_sets(
    twist_index: int,
    numbers: np.ndarray,
    parameters_mev: np.ndarray,
    *,
    recipe: Recipe,
    lanes: int,
) -> xr.Dataset:
    """Return the ground states of given (J, D) sets of one twist angle, schema `shard`.

    Args:
        twist_index: commensurate index m.
        numbers: number of each set within its angle, shape (set,); seeds its random starts.
        parameters_mev: (J, D), shape (set, 2).
        recipe: how ground states are found.
        lanes: starts relaxed at once; changes no result.
    """
    bilayer, couplings = build_model(twist_index, recipe.material)

    def random_start(row: int, start: int) -> np.ndarray:
        number = int(numbers[row])
        return draw_directions(recipe.seed, twist_index, number, start=start, sites=bilayer.sites)

    states = find_ground_states(
        bilayer,
        couplings,
        parameters_mev,
        random_start=random_start,
        search=recipe.search,
        solver=recipe.solver,
        lanes=lanes,
    )
    sets, sites = len(numbers), list_sites(bilayer)
    variables = {
        "twist_index": np.full(sets, twist_index),
        "set_number": numbers,
        "twist_angle": np.full(sets, twist_angle_deg(twist_index)),
        "exchange": parameters_mev[:, 0],
        "anisotropy": parameters_mev[:, 1],
        "magnetization": layer_magnetization(states.spins.swapaxes(1, 2)),
        "energy": states.energy_mev,
        "winner": states.winner,
        "gap_to_runner_up": states.gap_mev,
        "steps": states.steps,
        "max_torque": states.largest_torque_mev,
        "status": states.status,
        "converged": states.status == CONVERGED,
        "start_energy": states.start_energy_mev,
        "start_steps": states.start_steps,
        "start_status": states.start_status,
        "start_magnetization": states.start_magnetization,
        "spins": states.spins,
        "position": sites.positions_nm,
        "site_layer": sites.layer,
        "sublattice": sites.sublattice,
        "moire_vector": np.pad(bilayer.supercell, ((0, 0), (0, 1))),
    }
    return netcdf.make(SHARD, variables, labels={"start": recipe.search.names})


def simulate_shard(
    twist_index: int, numbers: range, box: Box, *, recipe: Recipe, lanes: int
) -> xr.Dataset:
    """Return the sets of one shard of the sweep with their ground states, schema `shard`.

    Args:
        twist_index: commensurate index m.
        numbers: numbers of the sets within their angle.
        box: ends of J and D between which sets are drawn.
        recipe: how ground states are found.
        lanes: starts relaxed at once; changes no result.
    """
    parameters = draw_parameters(recipe.seed, twist_index, numbers, box=box)
    return simulate_sets(twist_index, np.array(numbers), parameters, recipe=recipe, lanes=lanes)
