"""Parameter sets to datasets: one shard of the sweep, one twist angle's phase lines.

The place where lattice, interlayer model and search meet the config's blocks.
"""

import jax
import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.states import EXCHANGE_MAP, LINES_OF_ANGLE, SHARD
from moirespin.physics.hamiltonian import Couplings, couple
from moirespin.physics.interlayer import C3z, InterlayerModel, interlayer_exchange
from moirespin.physics.lattice import Bilayer, build_bilayer, twist_angle_deg
from moirespin.physics.stacking import StackingMap, fit_table
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import Search, find_ground_states, layer_magnetization
from moirespin.states.phase_lines import critical_anisotropy, domain_line
from moirespin.states.phases import Thresholds
from moirespin.states.sweep import draw_directions, draw_parameters

BEYOND_THE_BOX = (0.5, 1.5)

# Energies that decide are float64; what may be single says so.
jax.config.update("jax_enable_x64", True)


def as_interlayer(interlayer: dict) -> InterlayerModel:
    """Return the config block `interlayer` as an InterlayerModel; reads the table if it has one.

    Raises:
        ValueError: if the model is unknown or its table cannot be used.
    """
    name = interlayer["model"]
    form: C3z | StackingMap
    if name == "c3z":
        form = C3z(**interlayer[name])
    elif name == "stacking_map":
        form = fit_table(**interlayer[name])
    else:
        raise ValueError(f"interlayer.model is {name!r}: it must be c3z or stacking_map")
    return InterlayerModel(interlayer["scale"], interlayer["cutoff_nm"], form)


def build_model(twist_index: int, lattice: dict, interlayer: dict) -> tuple[Bilayer, Couplings]:
    """Return the bilayer of a twist index and its couplings, from the config's blocks.

    Raises:
        ValueError: from a bad twist index, cutoff or exchange table.
    """
    bilayer = build_bilayer(twist_index, **lattice)
    pairs, interlayer_mev = interlayer_exchange(bilayer, as_interlayer(interlayer))
    return bilayer, couple(bilayer, pairs, interlayer_mev)


def as_search(ground_state: dict) -> Search:
    """Return the config block `ground_state` as a Search."""
    return Search(**ground_state | {"structured": tuple(ground_state["structured"])})


def simulate_sets(
    twist_index: int,
    numbers: np.ndarray,
    parameters_mev: np.ndarray,
    model: dict,
    lanes: int,
) -> xr.Dataset:
    """Return the ground states of given (J, D) sets of one twist angle, schema `shard`.

    Args:
        twist_index: commensurate index m.
        numbers: number of each set within its angle, shape (set,); seeds its random starts.
        parameters_mev: (J, D), shape (set, 2).
        model: config blocks `seed`, `lattice`, `interlayer`, `ground_state`, `relax`.
        lanes: starts relaxed at once; changes no result.
    """
    bilayer, couplings = build_model(twist_index, model["lattice"], model["interlayer"])
    search = as_search(model["ground_state"])

    def random_start(row: int, start: int) -> np.ndarray:
        return draw_directions(model["seed"], twist_index, int(numbers[row]), start, bilayer.sites)

    states = find_ground_states(
        bilayer, couplings, parameters_mev, random_start, search, Solver(**model["relax"]), lanes
    )
    magnetization = np.array([layer_magnetization(spins.T) for spins in states.spins])
    sets = len(numbers)
    variables = {
        "twist_index": np.full(sets, twist_index),
        "set_number": numbers,
        "twist_angle": np.full(sets, twist_angle_deg(twist_index)),
        "exchange": parameters_mev[:, 0],
        "anisotropy": parameters_mev[:, 1],
        "magnetization": magnetization.reshape(sets, 2),
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
    }
    return netcdf.make(SHARD, variables, labels={"start": search.names})


def simulate_shard(shard: dict, sweep: dict, model: dict, lanes: int) -> xr.Dataset:
    """Return one shard of the sweep, schema `shard`.

    Args:
        shard: `twist_index`, `start` and `stop` of the sets.
        sweep: `exchange_mev` and `anisotropy_mev`, the box.
        model: as in `simulate_sets`.
        lanes: as in `simulate_sets`.
    """
    numbers = np.arange(shard["start"], shard["stop"])
    parameters = draw_parameters(model["seed"], shard["twist_index"], numbers.tolist(), **sweep)
    return simulate_sets(shard["twist_index"], numbers, parameters, model, lanes)


def map_exchange(twist_index: int, lattice: dict, interlayer: dict) -> xr.Dataset:
    """Return what couples each site of a twist index to the other layer, schema `exchange_map`.

    Args:
        twist_index: commensurate index m.
        lattice: config block.
        interlayer: config block.
    """
    bilayer, couplings = build_model(twist_index, lattice, interlayer)
    x, y = bilayer.positions.reshape(-1, 2).T
    total = np.asarray(couplings.interlayer).sum(axis=1)
    variables = {"x": x, "y": y, "interlayer_exchange": total}
    return netcdf.make(EXCHANGE_MAP, variables, twist_index=twist_index)


def trace_lines(twist_index: int, sweep: dict, points: dict, model: dict, lanes: int) -> xr.Dataset:
    """Return the phase lines of one twist angle, schema `phase_lines_of_angle`.

    Args:
        twist_index: commensurate index m.
        sweep: `exchange_mev` and `anisotropy_mev`, the box.
        points: `exchange_points`, `anisotropy_points` of the lines' grids and `rounds` of the
            bracketing.
        model: config blocks `lattice`, `interlayer`, `relax`, `phases`.
        lanes: as in `simulate_sets`.
    """
    _, couplings = build_model(twist_index, model["lattice"], model["interlayer"])
    lowest, highest = sweep["exchange_mev"]
    exchange = np.linspace(lowest, highest, points["exchange_points"])
    # Closer at small anisotropy, where the domain line turns.
    share = np.linspace(0, 1, points["anisotropy_points"]) ** 2
    anisotropy = sweep["anisotropy_mev"][0] + share * np.ptp(sweep["anisotropy_mev"])
    domain = domain_line(
        couplings,
        anisotropy,
        # Beyond the box on both sides, so that the line is known up to the box's edge.
        (BEYOND_THE_BOX[0] * lowest, BEYOND_THE_BOX[1] * highest),
        Thresholds(**model["phases"]),
        Solver(**model["relax"]),
        points["rounds"],
        lanes,
    )
    variables = {
        "twist_index": [twist_index],
        "twist_angle": [twist_angle_deg(twist_index)],
        "line_exchange": exchange,
        "line_anisotropy": anisotropy,
        "fm_line": critical_anisotropy(couplings, exchange)[None],
        "domain_line": domain[None],
    }
    return netcdf.make(LINES_OF_ANGLE, variables)
