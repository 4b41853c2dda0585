"""Errors of the networks in J and D beside the directions that the images hardly show.

Each test sample is given the weak direction of the nearest state of its own phase for which the
Fisher information is known. If the errors were unrelated to it, half of their square would lie
along it. When the same directions are dealt out at random within a phase, the share that remains is
owed to the phase as a whole and not to the place in it.

Axes:
    group: all test samples, then those of each phase that has images.
    constant: J and D, normalised by the sampled box.
"""

from typing import Any

import numpy as np
import xarray as xr

from moirespin.analysis.bootstrap import Resampling
from moirespin.io import netcdf
from moirespin.io.netcdf import PARAMETERS, PHASES
from moirespin.io.schemas.beyond import ERROR_ALIGNMENT
from moirespin.states.parameter_space import Ranges, normalise

GROUPS = ("all", "NCD", "MD")
FEWEST_SAMPLES = 4
CONSTANTS = list(netcdf.LABELS["constant"])


def nearest_directions(
    scores: xr.Dataset, fisher: xr.Dataset, ranges: Ranges
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weak direction nearest to each sample, (sample, constant), and how near it is.

    Only states of the sample's own phase count: directions jump where the phase changes. NaN
    where there is none. The distance is that of eq. (3), shape (sample,).

    Args:
        scores: schema `regression_scores`.
        fisher: schema `fisher`.
        ranges: limits of the sampled box.
    """
    grid = np.meshgrid(
        fisher["twist_angle"], fisher["grid_exchange"], fisher["grid_anisotropy"], indexing="ij"
    )
    points = normalise(np.stack(grid, axis=-1), ranges).reshape(-1, len(PARAMETERS))
    directions = fisher["weak_direction"].values.reshape(-1, len(CONSTANTS))
    known = np.isfinite(directions).all(axis=1)
    samples = normalise(scores["true"].values, ranges)
    found = np.full((len(samples), len(CONSTANTS)), np.nan)
    distance = np.full(len(samples), np.nan)
    for phase in range(len(PHASES)):
        here = np.flatnonzero(scores["phase"].values == phase)
        there = np.flatnonzero(known & (fisher["phase"].values.ravel() == phase))
        if len(here) and len(there):
            away = np.linalg.norm(samples[here, None] - points[there], axis=-1)
            found[here] = directions[there[away.argmin(axis=1)]]
            distance[here] = away.min(axis=1)
    return found, distance


def angles_deg(vectors: np.ndarray) -> np.ndarray:
    """Return the angle of headless vectors (..., constant) from the axis of J, 0 to 180 degrees."""
    return np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0])) % 180


def turn_deg(vectors: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return by how much `vectors` are turned from headless `directions`, -90 to 90 degrees."""
    return (angles_deg(vectors) - angles_deg(directions) + 90) % 180 - 90


def principal_axis(errors: np.ndarray) -> np.ndarray:
    """Return the axis of largest variance of errors (sample, constant), its J part not negative."""
    axis = np.linalg.eigh(np.cov(errors, rowvar=False))[1][:, -1]
    return axis if axis[0] >= 0 else -axis


def weak_share(errors: np.ndarray, directions: np.ndarray) -> float:
    """Return the share of the squared errors (sample, constant) that lies along `directions`."""
    along = np.sum(errors * directions, axis=1)
    return float(np.sum(along**2) / np.sum(errors**2))


def _compare(
    errors: np.ndarray,
    directions: np.ndarray,
    bootstrap_samples: int,
    *,
    generator: np.random.Generator,
) -> dict[str, Any]:
    """Return the entries of one group, NaN where it is too small."""
    count = len(errors)
    numbers = ["axis_spread_deg", "weak_share", "weak_share_lower", "weak_share_upper"]
    numbers += ["common_share", "common_share_lower", "common_share_upper"]
    found: dict[str, Any] = dict.fromkeys(numbers, np.nan)
    found |= {"count": count, "axis": np.full(len(CONSTANTS), np.nan)}
    if count < FEWEST_SAMPLES:
        return found
    axis, turns, shares, dealt = principal_axis(errors), [], [], []
    for _ in range(bootstrap_samples):
        rows = generator.integers(count, size=count)
        turns.append(abs(turn_deg(principal_axis(errors[rows]), axis)))
        shares.append(weak_share(errors[rows], directions[rows]))
        dealt.append(weak_share(errors, directions[generator.permutation(count)]))
    lower, upper = np.quantile(shares, [0.025, 0.975])
    common_lower, common_upper = np.quantile(dealt, [0.025, 0.975])
    return found | {
        "axis": axis,
        "axis_spread_deg": np.quantile(turns, 0.95),
        "weak_share": weak_share(errors, directions),
        "weak_share_lower": lower,
        "weak_share_upper": upper,
        "common_share": np.mean(dealt),
        "common_share_lower": common_lower,
        "common_share_upper": common_upper,
    }


def align_errors(
    scores: xr.Dataset, fisher: xr.Dataset, *, ranges: Ranges, resampling: Resampling
) -> xr.Dataset:
    """Return the errors of J and D beside the weak directions, schema `error_alignment`.

    Args:
        scores: schema `regression_scores`.
        fisher: schema `fisher`.
        ranges: limits of the sampled box.
        resampling: of the test set; gives the intervals.
    """
    errors = scores["error"].sel(parameter=CONSTANTS).values
    directions, distance = nearest_directions(scores, fisher, ranges)
    phase = scores["phase"].values
    generator = np.random.Generator(np.random.Philox(resampling.seed))
    rows = []
    for group in GROUPS:
        chosen = np.isfinite(distance)
        if group in PHASES:
            chosen &= phase == PHASES.index(group)
        rows.append(
            _compare(errors[chosen], directions[chosen], resampling.samples, generator=generator)
        )
    variables = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    variables |= {"phase": phase, "error": errors, "distance": distance}
    variables["weak_direction"] = directions
    return netcdf.make(ERROR_ALIGNMENT, variables, labels={"group": list(GROUPS)})
