"""Both branches of a parameter set: the noncollinear and the domain texture, relaxed.

A sweep keeps the ground state; a model of textures needs both branches, also where they lose, for
their energies to cross. Both are coplanar and keep the symmetries of the moire cell, so that a
texture is one signed tilt per site, and a third of the sites carries it.

Axes: site as in `lattice`; `orbit`: sites that the three-fold axis carries into each other, listed
by their lowest site. Units: meV, radian.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from moirespin.physics.hamiltonian import Couplings
from moirespin.physics.lattice import Bilayer, symmetry_maps
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import layer_magnetization, structured_starts

BRANCHES = ("NCD", "MD")
# What is tried for each branch, in turn, until one gives a texture of that branch.
STARTS = (("tilted", "noncollinear"), ("domain",))
# Layers of a noncollinear texture differ by less than 0.002 in mean S^z, those of a domain texture
# by more than 0.02 wherever one was found.
EQUAL_LAYERS = 0.01
# A texture closer to the ferromagnet than this, in 1 - mean S^z, is one.
UNIFORM = 1e-7
# A texture with spins closer to the cut of the angle winds around it (rad).
NEAR_CUT = 0.1
# See `relevance` (meV per spin).
RELEVANCE_MEV = 0.005
# Outcomes of a branch's starts: none could be used, as it did not converge or broke the symmetry; a
# state of the branch was found; the last one ended in another state.
FAILED, FOUND, ELSEWHERE = range(3)
# Largest spread of the tilt within an orbit that rounding leaves in a relaxed texture (rad).
BROKEN_ORBIT = 0.02


class Branches(NamedTuple):
    """The two branches of some parameter sets of one twist angle.

    Attributes:
        tilt: signed tilt from +z towards +x (rad), see `signed_tilt`, float32, shape (set,
            branch, layer, orbit); NaN for no state, or one that
            winds around the cut of the angle.
        energy_mev: energy per supercell above the ferromagnet, shape (set, branch), NaN for none.
        largest_torque_mev: shape (set, branch), NaN for none.
        outcome: FAILED, FOUND or ELSEWHERE, shape (set, branch).
    """

    tilt: np.ndarray
    energy_mev: np.ndarray
    largest_torque_mev: np.ndarray
    outcome: np.ndarray


def orbits(bilayer: Bilayer) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest site of each three-fold orbit, and the orbit of each site.

    Returns:
        Sites, shape (layer, orbit), counted within their layer; and orbits, shape (layer, site of
        the layer).
    """
    turn = symmetry_maps(bilayer)["three_fold"].reshape(2, -1)
    turn = turn - np.arange(2)[:, None] * turn.shape[1]
    again = np.take_along_axis(turn, turn, 1)
    lowest = np.minimum(np.minimum(turn, again), np.arange(turn.shape[1]))
    found = [np.unique(row, return_inverse=True) for row in lowest]
    return np.stack([sites for sites, _ in found]), np.stack([orbit for _, orbit in found])


def ferromagnetic_energy(couplings: Couplings, parameters_mev: np.ndarray) -> np.ndarray:
    """Return the energy (meV) of the ferromagnet per supercell for (J, D), shape (set,).

    In closed form: 3/2 bonds of J and one D for each site, and all interlayer bonds.
    """
    sites = len(couplings.neighbours)
    between = 0.5 * float(np.asarray(couplings.interlayer, float).sum())
    return between - sites * (1.5 * parameters_mev[:, 0] + parameters_mev[:, 1])


def signed_tilt(spins: np.ndarray) -> np.ndarray:
    """Return the tilt (..., site) of coplanar spins (..., 2, site) in one gauge, in radian.

    Net magnetisation up, the top layer the one with domains or tilted towards +x. The angle is cut
    where the textures of neither branch have spins: at -pi/2 in the top and +pi/2 in the bottom
    layer.
    """
    tilt = np.arctan2(spins[..., 0, :], spins[..., 1, :])
    turned_down = np.cos(tilt).mean(axis=-1, keepdims=True) < 0
    tilt = np.where(turned_down, np.pi - tilt, tilt)
    half = tilt.shape[-1] // 2
    tilt = tilt * np.sign(np.sin(tilt[..., :half]).mean(axis=-1, keepdims=True))
    lowest = np.where(np.arange(2 * half) < half, -0.5, -1.5) * np.pi
    return (tilt - lowest) % (2 * np.pi) + lowest


def relevance(energy: np.ndarray, branch: int) -> np.ndarray:
    """Return how much each set's texture of a branch counts, shape (set,).

    It falls by a factor of e every `RELEVANCE_MEV` above the ground state, and is 1 where there is
    no texture.

    Args:
        energy: of both branches above the ferromagnet (meV per spin), NaN for none, (set, branch).
        branch: number of the branch.
    """
    lowest = np.fmin(np.fmin(energy[:, 0], energy[:, 1]), 0)
    return np.exp(-np.nan_to_num(energy[:, branch] - lowest) / RELEVANCE_MEV)


def relax_branches(
    bilayer: Bilayer,
    couplings: Couplings,
    parameters_mev: np.ndarray,
    *,
    solver: Solver,
    lanes: int,
) -> Branches:
    """Return both branches of every parameter set of one twist angle.

    Args:
        bilayer: the sites.
        couplings: bonds, in float64.
        parameters_mev: (J, D) of each set, shape (set, 2).
        solver: settings of the relaxation.
        lanes: how many starts are relaxed at once; changes no result.
    """
    sites, orbit = orbits(bilayer)
    sets = len(parameters_mev)
    tilt = np.full((sets, len(BRANCHES), 2, sites.shape[1]), np.nan, np.float32)
    energy = np.full((sets, len(BRANCHES)), np.nan)
    torque = np.full((sets, len(BRANCHES)), np.nan)
    outcome = np.full((sets, len(BRANCHES)), FAILED, np.int8)
    uniform = ferromagnetic_energy(couplings, parameters_mev)
    for branch, names in enumerate(STARTS):
        for start in structured_starts(couplings, names):
            missing = np.flatnonzero(np.isnan(energy[:, branch]))
            for relaxed in relax_many(
                partial(_same, start),
                parameters_mev[missing],
                couplings,
                solver=solver,
                lanes=lanes,
            ):
                layers = layer_magnetization(relaxed.spins)
                apart = np.abs(layers[:, 0] - layers[:, 1]) > EQUAL_LAYERS
                own = (apart == (branch == 1)) & (1 - np.abs(layers).mean(axis=1) > UNIFORM)
                converged = relaxed.status == CONVERGED
                found = converged & own
                angles = signed_tilt(relaxed.spins).reshape(len(found), 2, -1)
                representative = np.take_along_axis(angles, sites[None], 2)
                spread = np.abs(np.take_along_axis(representative, orbit[None], 2) - angles)
                found &= spread.max(axis=(1, 2)) < BROKEN_ORBIT
                outcome[missing[relaxed.task], branch] = np.where(
                    found, FOUND, np.where(converged & ~own, ELSEWHERE, FAILED)
                )
                rows = missing[relaxed.task[found]]
                middle = np.array([0.5, -0.5])[:, None] * np.pi
                off = np.abs(representative - middle).max(axis=(1, 2))
                whole = (off < np.pi - NEAR_CUT)[:, None, None]
                tilt[rows, branch] = np.where(whole, representative, np.nan)[found]
                energy[rows, branch] = relaxed.energy_mev[found] - uniform[rows]
                torque[rows, branch] = relaxed.largest_torque_mev[found]
    return Branches(tilt, energy, torque, outcome)


def _same(start: np.ndarray, task: int) -> np.ndarray:
    """Return the start of a task: the same for all."""
    return start
