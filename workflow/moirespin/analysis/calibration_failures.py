"""What goes wrong when inference is put to the test, and why.

Axes: one row of a table of `calibration` is one image, from `inference.trial.judge_reading`.
"""

import numpy as np
import pandas as pd

from moirespin.analysis.coverage import MISSED, PARAMETERS, holds, read

# A texture this far from an empty image, in standard deviations of the noise, ought to be found;
# the inference asks for the root of 60 (`inference.infer.LEAST_SIGNAL`).
STANDS_OUT = 12.0
# So near (meV) to the FM-NCD line the texture is faint because the spins hardly tilt.
NEAR_LINE_MEV = 0.03

HIDDEN = "domains in the layer that the probe does not see"
NEAR_LINE = "next to the FM–NCD line"
NOISE = "noise"
OVERLOOKED = "the texture stands out of the noise"
OTHER_PHASE = "the other phase"
OTHER_MODE = "several modes"
NARROW = "one mode, too narrow"

NOT_READ = "not read"
UNIFORM = "taken for a ferromagnet"
WRONG = "truth outside the 99.9 % interval"
FALSE_ALARM = "called unexplained"
CAUSES = {
    NOT_READ: (HIDDEN, NEAR_LINE, NOISE, OVERLOOKED),
    UNIFORM: (HIDDEN, NEAR_LINE, NOISE, OVERLOOKED),
    WRONG: (OTHER_PHASE, OTHER_MODE, NARROW),
    FALSE_ALARM: ("",),
}


def tabulate_failures(calibration: pd.DataFrame) -> pd.DataFrame:
    """Return how many images failed in which way, by cause; an image may fail in two ways.

    Args:
        calibration: table of the rule `calibration`.

    Returns:
        One row per failure and cause, with those that no image had: `images`; `images_percent` of
        all; `least_texture_sigma` and `most_texture_sigma` of these images; `sets_of`: which ones,
        as m:set.
    """
    unseen = {
        NOT_READ: calibration["outcome"].str.startswith("refused"),
        UNIFORM: calibration["outcome"] == "ferromagnet",
    }
    own = read(calibration)
    missed = [~holds(own[f"{name}_rank"].to_numpy(), MISSED) for name in PARAMETERS]
    failed = {name: (calibration[rows], _cause_unseen) for name, rows in unseen.items()}
    failed[WRONG] = own[np.any(missed, axis=0)], _cause_missed
    failed[FALSE_ALARM] = own[own["unexplained"].astype(bool)], _no_cause
    rows = []
    for failure, causes in CAUSES.items():
        images, cause_of = failed[failure]
        found = np.array([cause_of(row) for _, row in images.iterrows()], str)
        for cause in causes:
            mine = images[found == cause]
            names = [
                f"{m}:{n}" for m, n in zip(mine["twist_index"], mine["set_number"], strict=True)
            ]
            rows.append(
                {
                    "failure": failure,
                    "cause": cause,
                    "images": len(mine),
                    "images_percent": 100 * len(mine) / max(len(calibration), 1),
                    "least_texture_sigma": mine["texture_sigma"].min(),
                    "most_texture_sigma": mine["texture_sigma"].max(),
                    "sets_of": " ".join(names),
                }
            )
    return pd.DataFrame(rows)


def _cause_unseen(row: pd.Series) -> str:
    if row["texture_sigma"] >= STANDS_OUT:
        return OVERLOOKED
    if row["domains_hidden"]:
        return HIDDEN
    near = row["phase"] == "NCD" and row["fm_line_distance_mev"] < NEAR_LINE_MEV
    return NEAR_LINE if near else NOISE


def _cause_missed(row: pd.Series) -> str:
    if row["phase_found"] != row["phase"]:
        return OTHER_PHASE
    return OTHER_MODE if row["modes"] > 1 else NARROW


def _no_cause(row: pd.Series) -> str:
    return ""
