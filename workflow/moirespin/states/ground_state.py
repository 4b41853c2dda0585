"""Search for the ground state: starts, selection in float64, canonical representative.

The paper relaxes 50 random starts and keeps the lowest energy. Structured starts, which build in
the three phases, find equal or lower energies for a fraction of the cost and are the default; both
kinds can be mixed. Status of the structured starts and of the representative: our choice.

Axes: as in `hamiltonian`. Units: meV per supercell.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from moirespin.physics.hamiltonian import Couplings, interlayer_sum
from moirespin.physics.lattice import Bilayer, symmetry_maps
from moirespin.solver.batch import Relaxed, relax_many
from moirespin.solver.relaxation import NOT_FINITE, Solver

# Listed in order of symmetry: among degenerate states the first one is kept.
STRUCTURED_STARTS = ("tilted", "noncollinear", "domain")
TILT_RAD = 0.1
NONCOLLINEAR_TILT_RAD = 1.0
# Sweeps of averaging over neighbours, which give patches edges about 1 nm wide.
SMOOTHING_SWEEPS = 10
# A patch ends where the antiferromagnetic exchange has fallen to this share of its maximum. If a
# patch ended where the exchange changes sign, narrow walls (J near 1, D near 0.3 meV) would get
# stuck on the lattice, with up to 0.8 meV too much energy. Shares from 0.15 to 0.5 all give the
# same energies: see benchmarks/patches.py.
PATCH_EDGE = 0.25
# Layers whose mean S^z differ by less count as equal.
EQUAL_MAGNETIZATION = 1e-4
# The three patches are alike if S^z differs between them by less than this, as a root mean square:
# one domain too many or too few makes a difference of about 0.5.
BROKEN_SYMMETRY = 0.1


class Search(NamedTuple):
    """Settings of the search.

    Attributes:
        structured: names of structured starts.
        random_starts: number of random starts.
        degeneracy_mev: energies closer than this belong to degenerate states.
    """

    structured: tuple[str, ...]
    random_starts: int
    degeneracy_mev: float

    @property
    def names(self) -> list[str]:
        """Name of every start, in the order of the `start` axis."""
        return [*self.structured, *(f"random {n}" for n in range(self.random_starts))]


class GroundStates(NamedTuple):
    """Ground state of each set, and what each start relaxed to.

    A set none of whose starts gave a finite state has winner -1 and NaN in its place.

    Attributes:
        spins: canonical representative, shape (set, site, 3), float32.
        winner: start that gave it, shape (set,).
        energy_mev: its energy, shape (set,), as are the next two.
        gap_mev: distance to the next state that is not degenerate with it, NaN for none.
        steps, largest_torque_mev, status: of the winning start.
        start_energy_mev, start_steps, start_status: shape (set, start).
        start_magnetization: mean S^z of each layer, shape (set, start, layer).
    """

    spins: np.ndarray
    winner: np.ndarray
    energy_mev: np.ndarray
    gap_mev: np.ndarray
    steps: np.ndarray
    largest_torque_mev: np.ndarray
    status: np.ndarray
    start_energy_mev: np.ndarray
    start_steps: np.ndarray
    start_status: np.ndarray
    start_magnetization: np.ndarray


def patch_profile(couplings: Couplings) -> np.ndarray:
    """Return 1 inside the antiferromagnetic patches and 0 outside, with smooth edges, (site,)."""
    neighbours = couplings.neighbours

    def smooth(values: np.ndarray) -> np.ndarray:
        for _ in range(SMOOTHING_SWEEPS):
            values = 0.25 * (values + values[neighbours].sum(axis=1))
        return values

    local = smooth(np.asarray(interlayer_sum(np.ones(len(neighbours)), couplings)))
    return smooth((local > PATCH_EDGE * max(local.max(), 0)).astype(float))


def structured_starts(couplings: Couplings, names: tuple[str, ...]) -> np.ndarray:
    """Return coplanar starts (start, 2, site), components x and z.

    `tilted`: ferromagnet with the layers tilted oppositely. `noncollinear`: only the patches
    tilted, oppositely in the two layers. `domain`: patches reversed in the top layer.
    """
    patches = patch_profile(couplings)
    top = np.arange(len(patches)) < len(patches) // 2
    angles = {
        "tilted": np.where(top, TILT_RAD, -TILT_RAD),
        "noncollinear": np.where(top, 1, -1) * NONCOLLINEAR_TILT_RAD * patches,
        "domain": np.where(top, np.pi * patches, -TILT_RAD * patches),
    }
    chosen = np.stack([angles[name] for name in names])
    return np.stack([np.sin(chosen), np.cos(chosen)], axis=1)


def layer_magnetization(spins: np.ndarray) -> np.ndarray:
    """Return eq. (13), the mean S^z of each layer (..., layer), of spins (..., component, site)."""
    spin_z = spins[..., -1, :]
    layers = np.split(spin_z, 2, axis=-1)
    return np.stack([layer.mean(axis=-1, dtype=float) for layer in layers], axis=-1)


def as_general(spins: np.ndarray) -> np.ndarray:
    """Return (x, y, z) components, shape (3, site), of a coplanar or general texture."""
    if spins.shape[0] == 3:
        return spins
    return np.stack([spins[0], np.zeros_like(spins[0]), spins[1]])


def canonical(spins: np.ndarray, layer_swap: np.ndarray) -> np.ndarray:
    """Return the representative of a state among its degenerate copies.

    Net magnetisation up; domains in the top layer (the two-fold axis swaps the layers and takes x
    to -x); the in-plane magnetisation of the top layer along +x.

    Args:
        spins: texture, shape (3, site).
        layer_swap: permutation from `lattice.symmetry_maps`.
    """
    if layer_magnetization(spins).sum() < -EQUAL_MAGNETIZATION:
        spins = -spins
    top, bottom = layer_magnetization(spins)
    if top > bottom + EQUAL_MAGNETIZATION:
        swapped = np.empty_like(spins)
        swapped[:, layer_swap] = spins
        spins = swapped
    in_plane = spins[:2, : spins.shape[1] // 2].astype(float).mean(axis=1)
    size = np.hypot(*in_plane)
    if size < EQUAL_MAGNETIZATION:
        return spins
    cosine, sine = in_plane / size
    turn = np.array([[cosine, sine], [-sine, cosine]], dtype=spins.dtype)
    return np.concatenate([turn @ spins[:2], spins[2:]])


def is_three_fold(spins: np.ndarray, three_fold: np.ndarray) -> np.ndarray:
    """Return whether S^z of spins (..., component, site) is the same in the three patches.

    `three_fold` is the permutation from `lattice.symmetry_maps`.
    """
    spin_z = spins[..., -1, :]
    return np.mean((spin_z[..., three_fold] - spin_z) ** 2, axis=-1) < BROKEN_SYMMETRY**2


def select(energies_mev: np.ndarray, degeneracy_mev: float) -> tuple[int, float]:
    """Return the winning start and its gap to the next state.

    Of the starts within `degeneracy_mev` of the lowest energy the first wins: starts are listed
    in order of symmetry. The gap is NaN when all finite energies are degenerate, the winner -1
    when none is finite.
    """
    finite = np.isfinite(energies_mev)
    if not finite.any():
        return -1, np.nan
    above = energies_mev - energies_mev[finite].min()
    winner = int(np.flatnonzero(finite & (above <= degeneracy_mev))[0])
    others = energies_mev[finite & (above > degeneracy_mev)]
    return winner, float(others.min() - energies_mev[winner]) if others.size else np.nan


def find_ground_states(
    bilayer: Bilayer,
    couplings: Couplings,
    parameters_mev: np.ndarray,
    *,
    random_start: Callable[[int, int], np.ndarray],
    search: Search,
    solver: Solver,
    lanes: int,
) -> GroundStates:
    """Return the ground state of every parameter set of one twist angle.

    Args:
        bilayer: the sites.
        couplings: bonds, in float64.
        parameters_mev: (J, D) of each set, shape (set, 2).
        random_start: (set, n) -> the n-th random start of a set, shape (3, site).
        search: which starts are relaxed.
        solver: settings of the relaxation.
        lanes: how many starts are relaxed at once; changes no result.
    """
    sets, starts = len(parameters_mev), len(search.names)
    energies = np.full((sets, starts), np.nan)
    torques = np.full((sets, starts), np.nan)
    magnetization = np.full((sets, starts, 2), np.nan)
    steps, status = np.zeros((sets, starts), int), np.full((sets, starts), NOT_FINITE)
    broken = np.zeros((sets, starts), bool)
    symmetry = symmetry_maps(bilayer)
    best: list[dict[int, np.ndarray]] = [{} for _ in range(sets)]

    def record(number: np.ndarray, start: np.ndarray, relaxed: Relaxed) -> None:
        """Take in relaxed starts: which start of which set each of them is."""
        steps[number, start], status[number, start] = relaxed.steps, relaxed.status
        torques[number, start] = relaxed.largest_torque_mev
        sound = (relaxed.status != NOT_FINITE) & np.isfinite(relaxed.energy_mev)
        place = number[sound], start[sound]
        energies[place] = relaxed.energy_mev[sound]
        magnetization[place] = layer_magnetization(relaxed.spins[sound])
        broken[place] = ~is_three_fold(relaxed.spins[sound], symmetry["three_fold"])
        for row, column, texture in zip(*place, relaxed.spins[sound], strict=True):
            best[row][column] = texture
            # Only those textures of a set that can still win are kept in memory.
            above = energies[row] - np.nanmin(energies[row])
            for other in [n for n in best[row] if above[n] > search.degeneracy_mev]:
                del best[row][other]

    structured = len(search.structured)
    if structured:
        built = structured_starts(couplings, search.structured)
        for relaxed in relax_many(
            lambda task: built[task % structured],
            np.repeat(parameters_mev, structured, axis=0),
            couplings,
            solver=solver,
            lanes=lanes,
        ):
            record(*divmod(relaxed.task, structured), relaxed)
    random_starts = search.random_starts
    for relaxed in relax_many(
        lambda task: random_start(*divmod(task, random_starts)),
        np.repeat(parameters_mev, random_starts, axis=0),
        couplings,
        solver=solver,
        lanes=lanes,
    ):
        number, start = divmod(relaxed.task, random_starts)
        record(number, structured + start, relaxed)

    # A symmetric start may lose its symmetry to rounding: the order of the list is not enough.
    order = np.argsort(broken, axis=1, kind="stable")
    selected = [
        select(row[own], search.degeneracy_mev) for row, own in zip(energies, order, strict=True)
    ]
    winner = np.array(
        [own[place] if place >= 0 else -1 for own, (place, _) in zip(order, selected, strict=True)]
    )
    spins = np.full((sets, bilayer.sites, 3), np.nan, np.float32)
    for row in np.flatnonzero(winner >= 0):
        texture = as_general(best[row][winner[row]])
        spins[row] = canonical(texture, symmetry["layer_swap"]).T
    rows = np.arange(sets)
    return GroundStates(
        spins=spins,
        winner=winner,
        energy_mev=energies[rows, winner],
        gap_mev=np.array([gap for _, gap in selected]),
        steps=steps[rows, winner],
        largest_torque_mev=torques[rows, winner],
        status=status[rows, winner],
        start_energy_mev=energies,
        start_steps=steps,
        start_status=status,
        start_magnetization=magnetization,
    )
