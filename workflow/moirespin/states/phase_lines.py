"""The lines between the phases: where the ferromagnet loses its stability, where domains end.

Units: meV.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.states import LINES_OF_ANGLE
from moirespin.physics.hamiltonian import Couplings, slope_by_intralayer
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.batch import relax_many
from moirespin.solver.relaxation import Solver
from moirespin.states.ground_state import (
    STRUCTURED_STARTS,
    layer_magnetization,
    structured_starts,
)
from moirespin.states.parameter_space import Box
from moirespin.states.phases import DOMAIN, Thresholds, classify
from moirespin.states.settings import Material, build_model

# The domain line is known when Newton's next step is shorter. Where domains end softly, both
# branches differ by less than the torque tolerance leaves open over some 0.02 meV.
LINE_TOLERANCE_MEV = 0.005
# The domain line is searched beyond the box on both sides, so that it is known up to its edge.
BEYOND_THE_BOX = (0.5, 1.5)
# The shift of a factorisation lies so far below the lowest eigenvalue: no pivot comes near to zero.
SHIFT_MEV = 1e-3
# How SciPy factorises a positive definite matrix: without pivoting, which spares half of the time.
POSITIVE_DEFINITE: dict[str, Any] = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.0,
    "options": {"SymmetricMode": True},
}


class LinePoints(NamedTuple):
    """How finely the lines are drawn.

    Attributes:
        exchange_points: values of J of the line where the ferromagnet loses its stability.
        anisotropy_points: values of D of the domain line.
        rounds: values of J tried for each point of the domain line, at most.
    """

    exchange_points: int
    anisotropy_points: int
    rounds: int


class Branch(NamedTuple):
    """The lowest state found on one side of the domain line at one (J, D).

    Attributes:
        energy_mev: its energy; infinite if no start led to such a state.
        slope: dE/dJ, exact because the state is stationary (Hellmann and Feynman).
        spins: texture, shape (component, site).
    """

    energy_mev: float
    slope: float
    spins: np.ndarray | None


NO_STATE = Branch(np.inf, np.nan, None)


def stability_matrices(
    couplings: Couplings,
) -> tuple[scipy.sparse.csc_matrix, scipy.sparse.csc_matrix]:
    """Return the sparse matrices (Lap, V) of the ferromagnet's small tilts.

    With S^z = 1 - u^2 / 2, eq. (1) to second order in the tilt angles u of all spins is the
    energy of the ferromagnet plus u.(J Lap + V + 2 D) u / 2, where Lap is the honeycomb Laplacian
    of a layer and V = lambda J_perp - diag(sum_j lambda J_perp_ij).
    """
    neighbours, partners, interlayer = couplings
    sites = len(neighbours)

    def bonds(columns: np.ndarray, values: np.ndarray) -> scipy.sparse.csr_matrix:
        rows = np.repeat(np.arange(sites), columns.shape[1])
        shape = (sites, sites)
        return scipy.sparse.csr_matrix((values.ravel(), (rows, columns.ravel())), shape=shape)

    laplacian = 3 * scipy.sparse.eye(sites) - bonds(neighbours, np.ones(neighbours.shape))
    potential = bonds(partners, interlayer) - scipy.sparse.diags(interlayer.sum(axis=1))
    return laplacian.tocsc(), potential.tocsc()


def critical_anisotropy(couplings: Couplings, exchange_mev: np.ndarray) -> np.ndarray:
    """Return the anisotropy (meV) below which the ferromagnet is unstable, for each J.

    D_c = -lambda_min[J Lap + V] / 2: exact, because small tilts u of all spins out of z cost the
    energy u.(J Lap + V + 2 D) u / 2 (see `stability_matrices`), which has to be positive. Not
    positive where the ferromagnet is always stable.
    """
    laplacian, potential = stability_matrices(couplings)
    sites = laplacian.shape[0]
    # No eigenvalue lies below this (Gershgorin), so the shifted matrix is positive definite.
    below = -2 * np.abs(couplings.interlayer).sum(axis=1).max() - 0.01
    mode = np.ones(sites) + np.arange(sites) % 7
    lowest = np.empty(len(exchange_mev))
    # No eigenvalue of Lap is negative, so the lowest one rises with J: each is a bound for the
    # next, and its mode a start that takes few iterations.
    for rank in np.argsort(exchange_mev):
        matrix = exchange_mev[rank] * laplacian + potential
        shifted = scipy.sparse.linalg.splu(
            (matrix - below * scipy.sparse.eye(sites)).tocsc(), **POSITIVE_DEFINITE
        )
        (lowest[rank],), modes = scipy.sparse.linalg.eigsh(
            matrix,
            k=1,
            sigma=below,
            OPinv=scipy.sparse.linalg.LinearOperator((sites, sites), shifted.solve, dtype=float),
            v0=mode,
        )
        below, mode = lowest[rank] - SHIFT_MEV, modes[:, 0]
    return -0.5 * lowest


def relax_branches(
    starts: list[list[np.ndarray]],
    parameters_mev: np.ndarray,
    couplings: Couplings,
    *,
    thresholds: Thresholds,
    solver: Solver,
    lanes: int,
) -> list[tuple[Branch, Branch]]:
    """Return the lowest domain state and its lowest rival at each (J, D).

    A state belongs to a branch by what its start became, not by the start: at small J a tilted
    texture too can end in domains.

    Args:
        starts: textures relaxed at each point.
        parameters_mev: (J, D) of each point, shape (point, 2).
        couplings: bonds, in float64.
        thresholds: what counts as a domain state.
        solver: settings of the relaxation.
        lanes: starts relaxed at once; changes no result.
    """
    tasks = [(point, start) for point, own in enumerate(starts) for start in own]
    points = np.array([point for point, _ in tasks])
    found = [[NO_STATE, NO_STATE] for _ in starts]
    relaxations = relax_many(
        lambda task: tasks[task][1], parameters_mev[points], couplings, solver=solver, lanes=lanes
    )
    for relaxed in relaxations:
        phases = classify(layer_magnetization(relaxed.spins), thresholds)
        for task, spins, energy_mev, phase in zip(
            relaxed.task, relaxed.spins, relaxed.energy_mev, phases, strict=True
        ):
            place = found[points[task]]
            side = 0 if phase == DOMAIN else 1
            if energy_mev < place[side].energy_mev:
                place[side] = Branch(energy_mev, slope_by_intralayer(spins, couplings), spins)
    return [(domain, rival) for domain, rival in found]


def domain_line(
    couplings: Couplings,
    *,
    anisotropy_mev: np.ndarray,
    exchange_mev: tuple[float, float],
    thresholds: Thresholds,
    solver: Solver,
    rounds: int,
    lanes: int,
) -> np.ndarray:
    """Return the exchange J (meV) at which the domain state stops being the ground state.

    A first-order line: for each anisotropy the energies of two branches are followed, a domain
    state and its rival, ferromagnetic or noncollinear, until they are equal. Both start from the
    states of the last J; the structured starts are relaxed too until both branches are known, and
    once more at the crossing, where a lower state of either branch moves it. The next J is
    Newton's, with the exact slopes of both energies, or the geometric mean of the bracket where a
    branch is missing or Newton's step leaves the bracket.

    Args:
        couplings: bonds, in float64.
        anisotropy_mev: D of each point of the line, shape (point,).
        exchange_mev: interval of J that is searched.
        thresholds: what counts as a domain state.
        solver: settings of the relaxation.
        rounds: how many J are tried for each point, at most.
        lanes: starts relaxed at once; changes no result.

    Returns:
        Shape (point,); NaN where the energies were not found to cross in the interval.
    """
    built = list(structured_starts(couplings, STRUCTURED_STARTS))
    points = len(anisotropy_mev)
    lower, upper = (np.full(points, float(end)) for end in exchange_mev)
    exchange, line = np.sqrt(lower * upper), np.full(points, np.nan)
    carried: list[list[np.ndarray]] = [[] for _ in range(points)]
    follow = np.zeros(points, bool)
    searched = np.arange(points)
    for _ in range(rounds):
        branches = relax_branches(
            [carried[point] + ([] if follow[point] else built) for point in searched],
            np.stack([exchange[searched], anisotropy_mev[searched]], axis=1),
            couplings,
            thresholds=thresholds,
            solver=solver,
            lanes=lanes,
        )
        unfinished = []
        for point, (domain, rival) in zip(searched, branches, strict=True):
            here = exchange[point]
            excess = domain.energy_mev - rival.energy_mev
            bracket = lower if excess < 0 else upper
            bracket[point] = here
            carried[point] = [x.spins for x in (domain, rival) if x.spins is not None]
            # NaN where a branch is missing, which no comparison lets through.
            target = here - excess / (domain.slope - rival.slope)
            line[point] = target
            close = abs(target - here) < LINE_TOLERANCE_MEV
            if close and not follow[point]:
                continue
            inside = lower[point] < target < upper[point]
            exchange[point] = target if inside else np.sqrt(lower[point] * upper[point])
            follow[point] = len(carried[point]) == 2 and not close
            unfinished.append(point)
        searched = np.array(unfinished, int)
        if not len(searched):
            break
    return np.where((exchange_mev[0] < line) & (line < exchange_mev[1]), line, np.nan)


def trace_lines(
    twist_index: int,
    *,
    box: Box,
    points: LinePoints,
    material: Material,
    thresholds: Thresholds,
    solver: Solver,
    lanes: int,
) -> xr.Dataset:
    """Return the phase lines of one twist angle, schema `phase_lines_of_angle`.

    Args:
        twist_index: commensurate index m.
        box: ends of J and D.
        points: how finely the lines are drawn.
        material: the layers and what couples them.
        thresholds: what counts as a domain state.
        solver: settings of the relaxation.
        lanes: starts relaxed at once; changes no result.
    """
    _, couplings = build_model(twist_index, material)
    exchange = np.linspace(*box.exchange_mev, points.exchange_points)
    # Closer at small anisotropy, where the domain line turns.
    share = np.linspace(0, 1, points.anisotropy_points) ** 2
    anisotropy = box.anisotropy_mev[0] + share * np.ptp(box.anisotropy_mev)
    ends = np.multiply(BEYOND_THE_BOX, box.exchange_mev)
    domain = domain_line(
        couplings,
        anisotropy_mev=anisotropy,
        exchange_mev=(ends[0], ends[1]),
        thresholds=thresholds,
        solver=solver,
        rounds=points.rounds,
        lanes=lanes,
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
