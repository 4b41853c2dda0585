"""Whether the transition from domains to the noncollinear state jumps, along its line.

At the crossing of their energies both branches are relaxed: the order parameter |m_t| - |m_b| of
the domain state there is the jump. Then the domain state is followed upwards in J, each time from
the last state, until it is none: how far it is metastable beyond the crossing. Where a transition
is continuous there is no jump and nothing beyond.

Units: meV.
"""

from typing import Any

import numpy as np
import pandas as pd

from moirespin.physics.hamiltonian import Couplings
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.relaxation import Solver
from moirespin.states.ground_state import (
    STRUCTURED_STARTS,
    layer_magnetization,
    structured_starts,
)
from moirespin.states.phase_lines import Branch, domain_line, relax_branches
from moirespin.states.phases import Thresholds, layer_difference

# Steps of J in which the domain state is followed, and how many at most.
STEP_MEV = 0.02
MOST_STEPS = 60


def order_parameter(branch: Branch) -> float:
    """Return |m_t| - |m_b| of a state, eq. (12b); NaN for none."""
    if branch.spins is None:
        return np.nan
    return float(layer_difference(layer_magnetization(branch.spins[None]))[0])


def examine_transition(
    twist_index: int,
    couplings: Couplings,
    *,
    anisotropy_mev: np.ndarray,
    exchange_mev: tuple[float, float],
    thresholds: Thresholds,
    solver: Solver,
    rounds: int,
    lanes: int,
) -> pd.DataFrame:
    """Return jump and metastability along the NCD-MD line of one twist angle.

    Args:
        twist_index: commensurate index m.
        couplings: bonds, in float64.
        anisotropy_mev: D of each point of the line, shape (point,).
        exchange_mev: interval of J that is searched.
        thresholds: what counts as a domain state.
        solver: settings of the relaxation.
        rounds: values of J tried for a point of the line, at most.
        lanes: starts relaxed at once; changes no result.

    Returns:
        One row per point that has a crossing: `twist_index`, `twist_angle_deg`, `anisotropy_mev`,
        `exchange_mev` of the crossing, `scaled` = J theta^2, the order parameter `below` of the
        domain state and `above` of its rival at the crossing, and `metastable_mev`, how far
        beyond it the domain state lives, in steps of 0.02 meV.
    """
    search: dict[str, Any] = {"thresholds": thresholds, "solver": solver, "lanes": lanes}
    line = domain_line(
        couplings,
        anisotropy_mev=anisotropy_mev,
        exchange_mev=exchange_mev,
        rounds=rounds,
        **search,
    )
    known = np.isfinite(line)
    anisotropy, crossing = anisotropy_mev[known], line[known]
    if not len(crossing):
        return pd.DataFrame()
    built = list(structured_starts(couplings, STRUCTURED_STARTS))
    points = np.stack([crossing, anisotropy], axis=1)
    # From a little below, where the domain state surely is.
    below = points - np.array([STEP_MEV, 0])
    domains = [
        pair[0] for pair in relax_branches([built] * len(points), below, couplings, **search)
    ]
    starts = [built + _spins(domain) for domain in domains]
    found = relax_branches(starts, points, couplings, **search)
    theta = twist_angle_deg(twist_index)
    return pd.DataFrame(
        {
            "twist_index": twist_index,
            "twist_angle_deg": theta,
            "anisotropy_mev": anisotropy,
            "exchange_mev": crossing,
            "scaled": crossing * theta**2,
            "below": [
                order_parameter(at if at.spins is not None else under)
                for (at, _), under in zip(found, domains, strict=True)
            ],
            "above": [order_parameter(rival) for _, rival in found],
            "metastable_mev": _follow([pair[0] for pair in found], points, couplings, **search),
        }
    )


def _spins(branch: Branch) -> list[np.ndarray]:
    return [] if branch.spins is None else [branch.spins]


def _follow(
    domains: list[Branch],
    points: np.ndarray,
    couplings: Couplings,
    *,
    thresholds: Thresholds,
    solver: Solver,
    lanes: int,
) -> np.ndarray:
    """Return how far above `points` (J, D) each domain state is still one, in meV."""
    reached = np.zeros(len(points))
    alive = [place for place, domain in enumerate(domains) if domain.spins is not None]
    last = {place: domains[place] for place in alive}
    for step in range(1, MOST_STEPS + 1):
        if not alive:
            break
        found = relax_branches(
            [_spins(last[place]) for place in alive],
            points[alive] + np.array([step * STEP_MEV, 0]),
            couplings,
            thresholds=thresholds,
            solver=solver,
            lanes=lanes,
        )
        survivors = []
        for place, (domain, _) in zip(alive, found, strict=True):
            if domain.spins is None:
                continue
            reached[place], last[place] = step * STEP_MEV, domain
            survivors.append(place)
        alive = survivors
    return reached
