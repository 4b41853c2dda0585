"""Phase boundaries as surfaces in the normalised parameter space, and the distance to them.

A boundary is known as a line at each simulated twist angle. Neighbouring lines are joined by
triangles, which interpolates linearly between angles; with a single angle the line itself is the
boundary. Where a boundary ends it is followed up to the last grid point at which it exists.

ASSUME: the FM-NCD boundary is kept where it leaves the sampled box in D: a transition just outside
the box changes the textures near it as much as one inside, and only its distance counts.
ASSUME: it is the whole stability limit of the ferromagnet, and the NCD-MD boundary the whole limit
of the domain state. Where domains give way to the ferromagnet directly, which for the default
couplings happens outside the box if at all, that piece counts as NCD-MD.
Status: the paper does not say how its boundaries were found; both are our choice.

Axes:
    point: parameter sets.
    element: triangles; segments and single points are triangles without area.
Lengths are those of the normalised space of eq. (2), so they have no unit.
"""

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.io.netcdf import BOUNDARIES, PHASES, UNDETERMINED
from moirespin.states.parameter_space import Ranges, normalise

# So many pairs of a point and an element are held at once: the largest temporary array takes
# about 20 MB.
PAIRS_AT_ONCE = 250_000


def build_surface(
    twist_angle: np.ndarray, exchange: np.ndarray, anisotropy: np.ndarray, *, ranges: Ranges
) -> np.ndarray:
    """Return a boundary's elements, shape (element, corner, parameter), normalised.

    Args:
        twist_angle: angles in ascending order (degree), shape (twist,).
        exchange: J along the line of each angle (meV), broadcast to (twist, line_point).
        anisotropy: D along it (meV), broadcast likewise. NaN in either: no boundary there.
        ranges: limits of the sampled box.
    """
    grid = np.broadcast_arrays(np.asarray(twist_angle)[:, None], exchange, anisotropy)
    points = normalise(np.stack(grid, axis=-1), ranges)
    here, there = points[:-1], points[1:]
    elements = [
        (here[:, :-1], here[:, 1:], there[:, :-1]),
        (there[:, 1:], there[:, :-1], here[:, 1:]),
        # A boundary may have no neighbouring line, or a line no neighbouring point.
        (points[:, :-1], points[:, 1:], points[:, 1:]),
        (points, points, points),
    ]
    corners = np.concatenate([np.stack(each, axis=2).reshape(-1, 3, 3) for each in elements])
    return corners[np.isfinite(corners).all(axis=(1, 2))]


def squared_distances(points: np.ndarray, elements: np.ndarray) -> np.ndarray:
    """Return the exact squared distance of each point from each element, (point, element).

    The nearest point of a triangle is the foot of the perpendicular if that lies inside it, and
    otherwise the nearest point of its three edges.
    """
    edges = np.roll(elements, -1, axis=1) - elements
    lengths = np.sum(edges**2, axis=-1)
    offsets = points[:, None, None, :] - elements
    along = np.einsum("pecx,ecx->pec", offsets, edges) / np.where(lengths > 0, lengths, np.inf)
    from_edges = offsets - np.clip(along, 0, 1)[..., None] * edges
    squared = np.sum(from_edges**2, axis=-1).min(axis=-1)

    normals = np.cross(edges[:, 0], edges[:, 1])
    areas = np.linalg.norm(normals, axis=-1, keepdims=True)
    # Zero for an element without area, which therefore has no inside.
    inwards = np.cross(normals[:, None, :], edges)
    inside = np.all(np.einsum("pecx,ecx->pec", offsets, inwards) > 0, axis=-1)
    heights = np.einsum("pex,ex->pe", offsets[:, :, 0], normals / np.where(areas > 0, areas, 1))
    return np.where(inside, heights**2, squared)


def surface_distance(points: np.ndarray, elements: np.ndarray) -> np.ndarray:
    """Return the distance of eq. (3) from normalised `points` (point, parameter), shape (point,).

    NaN for all points if the boundary has no elements, that is, does not exist.
    """
    if len(elements) == 0:
        return np.full(len(points), np.nan)
    blocks = np.array_split(points, 1 + len(points) * len(elements) // PAIRS_AT_ONCE)
    nearest = [squared_distances(block, elements).min(axis=1) for block in blocks]
    return np.sqrt(np.concatenate(nearest))


def boundary_distances(parameters: np.ndarray, lines: xr.Dataset, ranges: Ranges) -> np.ndarray:
    """Return the distance of each parameter set to each phase boundary, eq. (3).

    Args:
        parameters: theta, J, D (degree, meV), shape (point, parameter).
        lines: dataset of schema `phase_lines`.
        ranges: limits of the sampled box.

    Returns:
        Distances, shape (point, boundary), in the order of `netcdf.BOUNDARIES`; NaN for a
        boundary that does not exist.
    """
    lines = lines.sortby("twist_angle")
    points = normalise(parameters, ranges)
    sides = {
        "FM-NCD": ("line_exchange", "fm_line"),
        "NCD-MD": ("domain_line", "line_anisotropy"),
    }
    surfaces = {
        name: build_surface(
            lines["twist_angle"].values,
            lines[exchange].values,
            lines[anisotropy].values,
            ranges=ranges,
        )
        for name, (exchange, anisotropy) in sides.items()
    }
    return np.stack([surface_distance(points, surfaces[name]) for name in BOUNDARIES], axis=1)


def phase_by_lines(
    exchange: np.ndarray, anisotropy: np.ndarray, *, lines: xr.Dataset, twist_index: int
) -> np.ndarray:
    """Return the phase that the lines of one twist angle give to sets (point,).

    MD at J below the domain line, else FM at D above the stability limit, else NCD; lines are
    interpolated between their points. -1 where the angle has no lines.

    Args:
        exchange: J (meV), shape (point,).
        anisotropy: D (meV), shape (point,).
        lines: dataset of schema `phase_lines`.
        twist_index: commensurate index m.
    """
    here = np.flatnonzero(lines["twist_index"].values == twist_index)
    if not len(here):
        return np.full(len(exchange), UNDETERMINED)
    own = lines.isel(twist=here[0])
    limit = np.interp(exchange, own["line_exchange"].values, own["fm_line"].values)
    # Where the line is not known no domain state is expected: NaN compares as false.
    crossing = np.interp(anisotropy, own["line_anisotropy"].values, own["domain_line"].values)
    collinear = np.where(anisotropy > limit, PHASES.index("FM"), PHASES.index("NCD"))
    return np.where(exchange < crossing, PHASES.index("MD"), collinear)


def line_agreement(phase_diagram: xr.Dataset, lines: xr.Dataset, ranges: Ranges) -> pd.DataFrame:
    """Return how well sampled phases agree with the phase lines, one row per twist angle.

    Args:
        phase_diagram: schema `phase_diagram`.
        lines: schema `phase_lines`.
        ranges: limits of the sampled box.

    Returns:
        Columns `twist_index`, `twist_angle_deg`, `sets` with a phase, `agree`, `agree_percent`,
        and `furthest`: the largest distance of a set of another phase from the nearest line, in
        the normalised box.
    """
    rows = []
    names = ("twist_angle", "exchange", "anisotropy")
    for index in np.unique(phase_diagram["twist_index"].values):
        own = phase_diagram.isel(set=phase_diagram["twist_index"].values == index)
        own = own.isel(set=own["phase"].values != UNDETERMINED)
        parameters = np.stack([own[name].values for name in names], axis=1)
        expected = phase_by_lines(*parameters[:, 1:].T, lines=lines, twist_index=int(index))
        differs = expected != own["phase"].values
        distances = boundary_distances(parameters[differs], lines, ranges)
        nearest = np.nanmin(distances, axis=1, initial=np.inf)
        rows.append(
            {
                "twist_index": int(index),
                "twist_angle_deg": float(own["twist_angle"][0]),
                "sets": own.sizes["set"],
                "agree": int(np.sum(~differs)),
                "agree_percent": 100 * float(np.mean(~differs)),
                "furthest": float(nearest.max(initial=0)),
            }
        )
    return pd.DataFrame(rows)
