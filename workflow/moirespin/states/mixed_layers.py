"""Domain states whose patches are split between the layers, against those with all in one layer.

Each antiferromagnetic patch may be reversed in either layer. The start of a domain state has all of
them reversed in the top layer; here one of the three is reversed in the bottom layer instead, which
by the symmetries of the bilayer stands for every split of the three. The wall of that patch turns
through +x, as those of the others do, or through -x.

Axes: as in `hamiltonian`. Units: meV per supercell. Status: our choice.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from moirespin.physics.hamiltonian import Couplings
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import CONVERGED, Solver
from moirespin.states.ground_state import TILT_RAD, patch_profile
from moirespin.states.settings import Material, build_model

# Sites of a patch are those where its profile is above this.
INSIDE = 0.5
# The wall of the patch in the bottom layer turns through +x or through -x.
SENSES = {"the same": 1, "opposite": -1}


def nearest_patch(couplings: Couplings, patches: np.ndarray) -> np.ndarray:
    """Return the number of the antiferromagnetic patch that each site is nearest to, shape (site,).

    Args:
        couplings: bonds; those between the layers tell that both see the same patches.
        patches: from `patch_profile`, shape (site,).
    """
    sites = len(patches)
    ends = np.concatenate([couplings.neighbours, couplings.partners], axis=1)
    starts = np.repeat(np.arange(sites), ends.shape[1])
    bonds = csr_array((np.ones(ends.size), (starts, np.ravel(ends))), shape=(sites, sites))
    inside = np.flatnonzero(patches > INSIDE)
    _, number = connected_components(bonds[inside][:, inside], directed=False)
    *_, source = dijkstra(
        bonds, indices=inside, unweighted=True, min_only=True, return_predecessors=True
    )
    numbers = np.zeros(sites, int)
    numbers[inside] = number
    return numbers[source]


def split_start(patches: np.ndarray, moved: np.ndarray, sense: int) -> np.ndarray:
    """Return a coplanar start (2, site), components x and z, with some patches in the bottom layer.

    Without any it is the start `domain` of `structured_starts`.

    Args:
        patches: from `patch_profile`, shape (site,).
        moved: whether a site is nearest to a patch that the bottom layer reverses, shape (site,).
        sense: 1 or -1, in which the walls of those patches turn.
    """
    top = np.arange(len(patches)) < len(patches) // 2
    reversing, sign = np.where(moved, ~top, top), np.where(moved, sense, 1)
    angles = sign * np.where(reversing, np.pi, -TILT_RAD) * patches
    return np.stack([np.sin(angles), np.cos(angles)])


def reversed_patches(
    spins: np.ndarray, patches: np.ndarray, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which patches each layer has reversed, in the top and in the bottom, shape (patch,).

    Args:
        spins: texture (component, site), with its net magnetisation up.
        patches: from `patch_profile`, shape (site,).
        numbers: from `nearest_patch`, shape (site,).
    """
    top = np.arange(len(patches)) < len(patches) // 2
    each = [
        [
            spins[-1][own & (patches > INSIDE) & (numbers == number)].mean() < 0
            for number in range(numbers.max() + 1)
        ]
        for own in (top, ~top)
    ]
    return np.array(each[0]), np.array(each[1])


def split_domains(
    states: xr.Dataset, material: Material, *, solver: Solver, lanes: int
) -> pd.DataFrame:
    """Return what becomes of split domain states of one twist angle.

    Args:
        states: ground states with domains, schema `shard`.
        material: the layers and what couples them.
        solver: settings of the relaxation.
        lanes: starts relaxed at once; changes no result.

    Returns:
        One row per set and sense: `twist_index`, `twist_angle_deg`, `set_number`, `exchange_mev`,
        `anisotropy_mev`, `sense`, `excess_mev`, the energy above the ground state, `patches_top`
        and `patches_bottom`, the patches reversed in each layer after the relaxation, `survived`,
        whether each patch is still reversed where it was put, and `converged`.
    """
    twist_index = int(states["twist_index"][0])
    _, couplings = build_model(twist_index, material)
    patches = patch_profile(couplings)
    numbers = nearest_patch(couplings, patches)
    moved = numbers == 0
    starts = [split_start(patches, moved, sense) for sense in SENSES.values()]
    parameters = np.stack([states["exchange"].values, states["anisotropy"].values], axis=1)
    rows: dict[int, dict] = {}
    put = np.arange(numbers.max() + 1) > 0
    for relaxed in relax_many(
        lambda task: starts[task % len(starts)],
        np.repeat(parameters, len(starts), axis=0),
        couplings,
        solver=solver,
        lanes=lanes,
    ):
        for task, spins, energy, status in zip(
            relaxed.task, relaxed.spins, relaxed.energy_mev, relaxed.status, strict=True
        ):
            number, start = divmod(int(task), len(starts))
            own = states.isel(set=number)
            top, bottom = reversed_patches(spins, patches, numbers)
            survived = np.array_equal(top, put) and np.array_equal(bottom, ~put)
            rows[int(task)] = {
                "twist_index": twist_index,
                "twist_angle_deg": float(own["twist_angle"]),
                "set_number": int(own["set_number"]),
                "exchange_mev": float(own["exchange"]),
                "anisotropy_mev": float(own["anisotropy"]),
                "sense": list(SENSES)[start],
                "excess_mev": float(energy - own["energy"]),
                "patches_top": int(top.sum()),
                "patches_bottom": int(bottom.sum()),
                "survived": int(survived),
                "converged": int(status == CONVERGED),
            }
    return pd.DataFrame([rows[task] for task in sorted(rows)])
