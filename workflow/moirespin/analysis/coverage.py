"""How often intervals hold the truth: the calibration of the error bars, by group of images.

Axes: one row of a table of `calibration` is one image, from `inference.trial.judge_reading`.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

PARAMETERS = ("twist_angle_deg", "exchange_mev", "anisotropy_mev")
SHARES = (0.5, 0.68, 0.95)
# A truth outside of this interval was missed: the wrong mode.
MISSED = 0.999
EDGES = {
    "snr_db": (-np.inf, 0.0, 10.0, 20.0, 30.0, np.inf),
    "fm_line_distance_mev": (-np.inf, 0.03, 0.1, np.inf),
    "twist_angle_deg": (-np.inf, 1.0, 1.5, 2.5, np.inf),
}


def read(calibration: pd.DataFrame) -> pd.DataFrame:
    """Return the images from which something was read: neither refused nor taken for uniform."""
    return calibration[calibration["outcome"] == "read"]


def holds(rank: np.ndarray, share: float) -> np.ndarray:
    """Return whether central intervals that hold `share` of a posterior hold the truth.

    Args:
        rank: share of the samples below the truth, shape (image,).
        share: of the posterior.
    """
    return np.abs(np.asarray(rank) - 0.5) <= share / 2


def binomial_error(share: float, count: int) -> float:
    """Return the standard error of a share of `count`, as it is for a share of the same expected.

    With half a count added on both sides, so that 0 and all have one as well.
    """
    smoothed = (share * count + 0.5) / (count + 1)
    return float(np.sqrt(smoothed * (1 - smoothed) / max(count, 1)))


def split(calibration: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield (what is grouped by, group, images) of all groups, the whole first."""
    yield "all", "all", calibration
    for name in ("phase", "channel", "units"):
        for value, rows in calibration.groupby(name, sort=False):
            yield name, str(value), rows
    for name, edges in EDGES.items():
        for lower, upper in itertools.pairwise(edges):
            inside = (calibration[name] >= lower) & (calibration[name] < upper)
            label = f"{lower:g} to {upper:g}"
            if np.isinf(lower):
                label = f"below {upper:g}"
            elif np.isinf(upper):
                label = f"from {lower:g}"
            if inside.any():
                yield name, label, calibration[inside]


def tabulate_coverage(calibration: pd.DataFrame) -> pd.DataFrame:
    """Return how often intervals hold the truth in each group, and how wide they are.

    Args:
        calibration: table of the rule `calibration`.

    Returns:
        One row per group and parameter: `images`, those `read`; `holds_50`, `_68`, `_95` and the
        binomial error of the last; `missed`: outside of the 99.9 % interval; `width`: median
        standard deviation over the bound of Cramer and Rao; `error_percent`: median relative error;
        `low_goodness`: share of images that the inference says it cannot explain.
    """
    rows = []
    for group, value, images in split(calibration):
        own = read(images)
        for name in PARAMETERS:
            rank = own[f"{name}_rank"].to_numpy()
            row: dict = {"group": group, "value": value, "parameter": name}
            row |= {"images": len(images), "read": len(own)}
            shares = {share: float(np.mean(holds(rank, share))) for share in SHARES if len(own)}
            row |= {f"holds_{100 * share:.0f}": found for share, found in shares.items()}
            if len(own):
                row["holds_95_error"] = binomial_error(shares[0.95], len(own))
                row["missed"] = float(np.mean(~holds(rank, MISSED)))
                row["width"] = float((own[f"{name}_std"] / own[f"{name}_bound"]).median())
                relative = (own[f"{name}_error"] / own[name]).abs()
                row["error_percent"] = float(100 * relative.median())
                row["low_goodness"] = float(own["unexplained"].mean())
            rows.append(row)
    return pd.DataFrame(rows)
