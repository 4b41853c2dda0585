"""Whether inference says of an image that its model does not explain it, and is right to.

An image of another interlayer exchange ought to be called unexplained where it differs from every
image of the model by more than the noise hides; an image of the model's own exchange ought not.

Axes: one row of a table of `calibration` or `foreign` is one image.
"""

import itertools

import numpy as np
import pandas as pd

from moirespin.analysis.coverage import binomial_error, read

# From this distance on, in standard deviations of the noise, an image differs from the model's.
DISTINCT = 5.0
EDGES = (0.0, DISTINCT, 2 * DISTINCT, np.inf)


def tabulate_recognition(*, calibration: pd.DataFrame, foreign: pd.DataFrame) -> pd.DataFrame:
    """Return the share of images that are called unexplained, by their distance from the model's.

    Args:
        calibration: images of the model's own interlayer exchange.
        foreign: images of another one.

    Returns:
        One row per `source` and range of `distance_sigma`: `images` that were read, how many of
        them are `called` unexplained, their `called_share` and its binomial error.
    """
    rows = []
    for source, table in (("own", calibration), ("foreign", foreign)):
        own = read(table)
        distance = own["distance_sigma"]
        groups = {"all": own, f"from {DISTINCT:g}": own[distance >= DISTINCT]}
        for lower, upper in itertools.pairwise(EDGES):
            label = f"from {lower:g}" if np.isinf(upper) else f"{lower:g} to {upper:g}"
            groups[label] = own[(distance >= lower) & (distance < upper)]
        for label, images in groups.items():
            called = int(images["unexplained"].astype(bool).sum())
            row: dict = {"source": source, "distance": label}
            row |= {"images": len(images), "called": called}
            if len(images):
                share = called / len(images)
                row |= {"called_share": share, "error": binomial_error(share, len(images))}
            rows.append(row)
    return pd.DataFrame(rows)
