"""Ground states put to the test: winners tilted out of their plane, and against random starts.

The structured starts are coplanar, and so is what they relax to. A winner that is a minimum in
three dimensions comes back from an out-of-plane tilt, and no random start ends below it. The same
relaxations tell how often the best of n random starts, the paper's search, misses the ground state.

Units: meV per supercell.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.trials import CHALLENGE_OF_ANGLE
from moirespin.physics.hamiltonian import Couplings
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import layer_magnetization, patch_profile
from moirespin.states.phases import Thresholds, classify
from moirespin.states.settings import Material, build_model
from moirespin.states.sweep import TILT, draw_directions, stream

TILTED = "out of plane"


def tilt_out_of_plane(
    spins: np.ndarray, couplings: Couplings, tilt_rad: float, *, seeds: np.random.SeedSequence
) -> np.ndarray:
    """Return a texture (3, site) turned out of the xz plane by about `tilt_rad`.

    All ways out at once: the layers against each other, the patches against what surrounds them,
    and every spin at random.
    """
    sites = spins.shape[1]
    layers = np.where(np.arange(sites) < sites // 2, 1, -1)
    patches = patch_profile(couplings)
    noise = np.random.Generator(np.random.Philox(seeds)).standard_normal(sites)
    tilted = spins.astype(float)
    tilted[1] += np.tan(tilt_rad) * (layers + patches + noise) / np.sqrt(3)
    return tilted / np.linalg.norm(tilted, axis=0)


class Trials(NamedTuple):
    """What each winner is set beside.

    Attributes:
        tilt_rad: angle by which the winner itself is turned out of its plane.
        random_starts: number of random starts.
    """

    tilt_rad: float
    random_starts: int


def challenge_winners(
    shard: xr.Dataset,
    trials: Trials,
    material: Material,
    *,
    solver: Solver,
    thresholds: Thresholds,
    seed: int,
    lanes: int,
) -> xr.Dataset:
    """Return what other starts make of the winners of one twist angle, schema `challenge_of_angle`.

    Args:
        shard: ground states to be tested, schema `shard`.
        trials: what each of them is set beside.
        material: the layers and what couples them.
        solver: settings of the relaxation.
        thresholds: what counts as which phase.
        seed: of tilts and random starts.
        lanes: starts relaxed at once; changes no result.
    """
    twist_index = int(shard["twist_index"][0])
    _, couplings = build_model(twist_index, material)
    shard = shard.isel(set=np.flatnonzero(shard["winner"].values >= 0))
    winners, numbers = shard["spins"].values, shard["set_number"].values
    names = [TILTED, *(f"random {n}" for n in range(trials.random_starts))]
    sets = len(numbers)

    def start_of(task: int) -> np.ndarray:
        row, trial = divmod(task, len(names))
        seeds = twist_index, int(numbers[row])
        if trial:
            return draw_directions(seed, *seeds, start=trial - 1, sites=winners.shape[1])
        own = stream(seed, *seeds, TILT)
        return tilt_out_of_plane(winners[row].T, couplings, trials.tilt_rad, seeds=own)

    shape = sets, len(names)
    energy, steps, status = np.full(shape, np.nan), np.zeros(shape, int), np.zeros(shape, int)
    magnetization = np.full((*shape, 2), np.nan)
    parameters = np.stack([shard["exchange"].values, shard["anisotropy"].values], axis=1)
    tasks = np.repeat(parameters, len(names), axis=0)
    for relaxed in relax_many(start_of, tasks, couplings, solver=solver, lanes=lanes):
        place = divmod(relaxed.task, len(names))
        energy[place], steps[place] = relaxed.energy_mev, relaxed.steps
        status[place] = relaxed.status
        magnetization[place] = layer_magnetization(relaxed.spins)
    kept = ["twist_index", "set_number", "twist_angle", "exchange", "anisotropy"]
    kept += ["magnetization", "energy", "winner"]
    variables = {name: shard[name].values for name in kept}
    variables["phase"] = classify(shard["magnetization"].values, thresholds)
    variables["excess"] = energy - shard["energy"].values[:, None]
    variables["trial_converged"] = status == CONVERGED
    variables["trial_steps"] = steps
    variables["trial_magnetization"] = magnetization
    labels = {"start": shard["start"].values.tolist(), "trial": names}
    return netcdf.make(CHALLENGE_OF_ANGLE, variables, labels=labels)
