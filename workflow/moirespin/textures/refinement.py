"""Further parameter sets where the order parameter of domains changes fastest.

Sets drawn at random lie too far apart where large domains turn into small ones, and where domains
soften. New ones are put halfway between neighbours, the ends of the edges of a Delaunay
triangulation of those that have been relaxed.

Units: J and D in meV. Status: our choice.
"""

import numpy as np
from scipy.spatial import Delaunay

from moirespin.states.parameter_space import Box

# Qhull, which triangulates, takes no fewer points in a plane.
FEWEST_SETS = 4


def halfway(
    sets: np.ndarray, order: np.ndarray, relevance: np.ndarray, *, count: int, box: Box
) -> np.ndarray:
    """Return new sets in the middle of the edges along which domains change most.

    An edge counts by the change of the order parameter, times its length in units of the box, so
    that a jump does not draw all sets to itself, times the lesser relevance of its ends. Edges that
    end where there are no domains, and those along which nothing changes, are left out.

    Args:
        sets: J and D of the sets relaxed so far, shape (set, 2).
        order: order parameter of their domain states, NaN where there is none, shape (set,).
        relevance: how much these states count, shape (set,).
        count: number of new sets, if there are so many such edges.
        box: ends of J and D.

    Returns:
        J and D, shape (new set, 2), none of them among `sets`, the edge that counts most first.
    """
    known = np.isfinite(order)
    if count == 0 or known.sum() < 2 or len(sets) < FEWEST_SETS:
        return np.zeros((0, 2))
    ends = np.array([box.exchange_mev, box.anisotropy_mev])
    place = (sets - ends[:, 0]) / (ends[:, 1] - ends[:, 0])
    triangles = Delaunay(place).simplices
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    first, second = edges[known[edges].all(axis=1)].T
    change = np.abs(order[first] - order[second])
    change *= np.linalg.norm(place[first] - place[second], axis=1)
    change *= np.minimum(relevance[first], relevance[second])
    middle = 0.5 * (sets[first] + sets[second])
    # On the rim of the triangulation rounding may keep an edge whose middle is a set already.
    there = (middle[:, None] == sets[None]).all(axis=-1).any(axis=1)
    chosen = np.argsort(-change, kind="stable")
    return middle[chosen[((change > 0) & ~there)[chosen]]][:count]
