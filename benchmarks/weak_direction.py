"""The direction of J and D about which images say least, beside the FM-NCD line.

python benchmarks/weak_direction.py results/laptop

Medians and extremes over the states of the run's Fisher information (`fisher.nc`), in the plane of
normalised J and D: the angle between the weak direction and the line's tangent at its nearest
point, the angle to the direction that keeps J/D, the angle from the J axis, the ratio of the bounds
along and across it, and by how much an unknown theta raises the bounds of J and D.
"""

import argparse

import numpy as np
import xarray as xr
from scipy.interpolate import CubicSpline

from moirespin.analysis.error_alignment import angles_deg, turn_deg
from moirespin.front.runs import open_run
from moirespin.io.netcdf import PHASES

NEAR = 0.1
POINTS = 2000
WIDTHS = (9, 9, 14, 14)


def main() -> None:
    """Print the numbers of each phase."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="folder of a finished run")
    run = open_run(parser.parse_args().run)
    ranges = run.ranges()
    low = np.array([ranges.exchange[0], ranges.anisotropy[0]])
    width = np.array([ranges.exchange[1], ranges.anisotropy[1]]) - low
    fisher, lines = run.dataset("fisher.nc"), run.dataset("phase_lines.nc")
    exchange, anisotropy = np.meshgrid(
        fisher["grid_exchange"], fisher["grid_anisotropy"], indexing="ij"
    )
    place = np.stack([exchange, anisotropy], axis=-1)
    found: dict[str, list] = {name: [] for name in PHASES[1:]}
    for own in range(fisher.sizes["twist"]):
        one = fisher.isel(twist=own)
        line = line_of(lines, int(one["twist_index"]), low, width=width)
        for row in zip(*np.nonzero(np.isfinite(one["weak_bound"].values)), strict=True):
            numbers = describe(one, row, line, place=place[row], width=width, low=low)
            found[PHASES[int(one["phase"].values[row])]].append(numbers)
    for phase, rows in found.items():
        table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        near = table.pop("distance") < NEAR
        print(f"{phase}, {len(rows)} states, {near.sum()} of them nearer than {NEAR} to the line")
        print(f"{'':44}{'median':>9}{'largest':>9}{'median, near':>14}{'largest, near':>14}")
        for name, values in table.items():
            shown = [np.nanmedian(values), np.nanmax(values)]
            shown += [np.nanmedian(values[near]), np.nanmax(values[near])] if near.any() else []
            print(
                f"{name:44}"
                + "".join(f"{value:{w}.2f}" for value, w in zip(shown, WIDTHS, strict=False))
            )


def line_of(
    lines: xr.Dataset, twist_index: int, low: np.ndarray, *, width: np.ndarray
) -> np.ndarray:
    """Return the FM-NCD line of an angle, normalised, through its traced points: (point, 2)."""
    own = lines.isel(twist=int(np.flatnonzero(lines["twist_index"] == twist_index)[0]))
    points = np.stack([own["line_exchange"], own["fm_line"]], axis=-1)
    traced = (points[np.isfinite(points).all(axis=-1)] - low) / width
    smooth = CubicSpline(np.arange(len(traced)), traced)
    return smooth(np.linspace(0, len(traced) - 1, POINTS))


def describe(
    one: xr.Dataset,
    row: tuple,
    line: np.ndarray,
    *,
    place: np.ndarray,
    width: np.ndarray,
    low: np.ndarray,
) -> dict[str, float]:
    """Return the numbers of one state."""
    weak = one["weak_direction"].values[row]
    information = one["information"].values[row]
    known = np.sqrt(np.diag(np.linalg.inv(information[1:, 1:])))
    least = np.sqrt(np.diag(np.linalg.inv(information)))[1:]
    away = np.linalg.norm(line - (place - low) / width, axis=1)
    tangent = np.gradient(line, axis=0)[np.argmin(away)]
    return {
        "distance": away.min(),
        "to the tangent of the line (degree)": abs(turn_deg(weak, tangent)),
        "to the direction of constant J/D (degree)": abs(turn_deg(weak, place / width)),
        "from the J axis (degree)": angles_deg(weak),
        "bound along it / bound across it": one["weak_bound"].values[row]
        / one["strong_bound"].values[row],
        "unknown theta raises the bound of J by (%)": 100 * (least[0] / known[0] - 1),
        "unknown theta raises the bound of D by (%)": 100 * (least[1] / known[1] - 1),
    }


if __name__ == "__main__":
    main()
