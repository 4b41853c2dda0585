"""Order parameters, phases, and the lines between them.

Eqs. (12) to (14) of the paper, whose right-hand sides the text does not give: order parameters and
thresholds are our choice. That of domains hardly matters: a noncollinear state has a difference
below 0.002, a domain state mostly 0.1 to 0.7. A ferromagnet has |m| = 1 to 1e-6, but next to its
stability limit a noncollinear state tilts as little as one likes, and counts as a ferromagnet
above the threshold.

Units: meV.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from moirespin.io.schemas.base import PHASES, UNDETERMINED
from moirespin.physics.hamiltonian import Couplings
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import Solver
from moirespin.states.ground_state import layer_magnetization, structured_starts

FERROMAGNETIC, NONCOLLINEAR, DOMAIN = range(len(PHASES))


class Thresholds(NamedTuple):
    """Limits of eq. (14).

    Attributes:
        ferromagnetic: both layers' |m| above this make a ferromagnet.
        domain: a difference of |m| above this makes a domain state.
    """

    ferromagnetic: float
    domain: float


def order_parameters(magnetization: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eqs. (12a) and (12b) of (..., layer): mean and difference of |m_t| and |m_b|."""
    size = np.abs(magnetization)
    return size.mean(axis=-1), np.abs(size[..., 0] - size[..., 1])


def classify(magnetization: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Return the phase, eq. (14), of layer magnetisations (..., layer); -1 where they are NaN."""
    _, difference = order_parameters(magnetization)
    uniform = (np.abs(magnetization) > thresholds.ferromagnetic).all(axis=-1)
    phase = np.where(difference > thresholds.domain, DOMAIN, NONCOLLINEAR)
    phase = np.where(uniform, FERROMAGNETIC, phase)
    return np.where(np.isfinite(difference), phase, UNDETERMINED).astype(np.int8)


def stability_matrices(couplings: Couplings):
    """Return the sparse matrices (Lap, V) of the ferromagnet's small tilts.

    Tilts u by angle cost u.(J Lap + V + 2 D) u / 2 with Lap the honeycomb Laplacian of a layer and
    V = J_perp - diag(sum_j J_perp_ij).
    """
    neighbours, partners = np.asarray(couplings.neighbours), np.asarray(couplings.partners)
    interlayer = np.asarray(couplings.interlayer)
    sites = len(neighbours)

    def bonds(columns, values):
        rows = np.repeat(np.arange(sites), columns.shape[1])
        shape = (sites, sites)
        return scipy.sparse.csr_matrix((values.ravel(), (rows, columns.ravel())), shape=shape)

    laplacian = 3 * scipy.sparse.eye(sites) - bonds(neighbours, np.ones(neighbours.shape))
    potential = bonds(partners, interlayer) - scipy.sparse.diags(interlayer.sum(axis=1))
    return laplacian.tocsc(), potential.tocsc()


def critical_anisotropy(couplings: Couplings, exchange_mev: np.ndarray) -> np.ndarray:
    """Return the anisotropy (meV) below which the ferromagnet is unstable, for each J.

    D_c = -lambda_min[J Lap + V] / 2: exact, by linear stability. Source: derived in our notes from
    eq. (1), checked against relaxation. Not positive where the ferromagnet is always stable.
    """
    laplacian, potential = stability_matrices(couplings)
    # No eigenvalue lies below this (Gershgorin), so the shifted matrix is positive definite.
    below = -2 * np.abs(np.asarray(couplings.interlayer)).sum(axis=1).max() - 0.01
    lowest = [
        scipy.sparse.linalg.eigsh(
            exchange * laplacian + potential,
            k=1,
            sigma=below,
            v0=np.ones(laplacian.shape[0]) + np.arange(laplacian.shape[0]) % 7,
            return_eigenvectors=False,
        )[0]
        for exchange in exchange_mev
    ]
    return -0.5 * np.array(lowest)


def domain_line(
    couplings: Couplings,
    anisotropy_mev: np.ndarray,
    exchange_mev: tuple[float, float],
    thresholds: Thresholds,
    solver: Solver,
    rounds: int,
    lanes: int,
) -> np.ndarray:
    """Return the exchange J (meV) at which the domain state stops being the ground state.

    For each anisotropy the energies of two branches are followed, relaxed from the domain and the
    tilted start: a domain state and its rival, ferromagnetic or noncollinear. Their crossing is
    bracketed between the ends of `exchange_mev`: by halves while one end lacks one of them, by
    the line through both energy differences once both have both. A first-order line.

    Returns:
        Shape (anisotropy,); NaN where one side wins on the whole interval.
    """
    starts = structured_starts(couplings, ("domain", "tilted"))
    points = len(anisotropy_mev)

    def excess(exchange):
        """Energy of the domain branch above its rival; infinite where either is missing."""
        parameters = np.repeat(np.stack([exchange, anisotropy_mev], axis=1), 2, axis=0)
        energies, is_domain = np.full((points, 2), np.nan), np.zeros((points, 2), bool)
        for relaxed in relax_many(
            lambda task: starts[task % 2], parameters, couplings, solver, lanes
        ):
            place = divmod(relaxed.task, 2)
            energies[place] = relaxed.energy_mev
            is_domain[place] = classify(layer_magnetization(relaxed.spins), thresholds) == DOMAIN
        # By what a start became: at small J the tilted one too can end in domains.
        domain = np.where(is_domain, energies, np.inf).min(axis=1)
        return domain - np.where(is_domain, np.inf, energies).min(axis=1)

    lower, upper = (np.full(points, end) for end in exchange_mev)
    below, above = excess(lower), excess(upper)
    crosses = (below < 0) & (above > 0)
    for _ in range(rounds):
        middle = _between(lower, upper, below, above)
        value = excess(middle)
        wins = value < 0
        lower, below = np.where(wins, middle, lower), np.where(wins, value, below)
        upper, above = np.where(wins, upper, middle), np.where(wins, above, value)
    return np.where(crosses, _between(lower, upper, below, above), np.nan)


def _between(lower, upper, below, above):
    """Return where the difference should vanish, kept off the ends of the bracket."""
    known = np.isfinite(below) & np.isfinite(above) & (above > below)
    below, above = np.where(known, below, -1), np.where(known, above, 1)
    return lower + np.clip(-below / (above - below), 0.05, 0.95) * (upper - lower)
