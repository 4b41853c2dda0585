"""The paper's networks with inputs scaled in other ways, trained without and with noise.

Samples are datasets of schema `dataset` from `packed_images.opened`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.images.noise import add_noise
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.metrics import percentage_error
from moirespin.learning.networks import load_network
from moirespin.learning.prediction import apply_network
from moirespin.learning.split_parts import split_part
from moirespin.states.parameter_space import SYMBOLS, Ranges


def score_inputs(
    samples: xr.Dataset,
    networks: Sequence[tuple[str, str, str, str]],
    *,
    ranges: Ranges,
    levels_db: Sequence[float],
    seed: int,
) -> pd.DataFrame:
    """Return the errors of networks at all levels of noise.

    Args:
        samples: schema `dataset`.
        networks: parameter, scaling, training ("clean" or "noisy") and path of each.
        ranges: lower and upper end of each parameter.
        levels_db: signal-to-noise ratios (dB).
        seed: of the noise, which is that of `sweep_snr`.

    Returns:
        One row per network and level, `snr_db` being NaN without noise: `parameter`, `scaling`,
        `trained`, `mape` and `median` of the percentage errors of the test part.
    """
    test = split_part(samples, "test")
    quadrants = packed_images.unpack(packed_images.load(first_quadrant(test["image"])))
    names = {name: test[name].values for name in ("twist_index", "set_number")}
    loaded = [
        load_network(path, "regressor", quadrants.shape[-1], ranges=ranges, target=parameter)[0]
        for parameter, _, _, path in networks
    ]
    rows = []
    for level, snr_db in enumerate([*levels_db, np.nan]):
        noisy = quadrants
        if np.isfinite(snr_db):
            noisy = add_noise(quadrants, snr_db=snr_db, seed=seed, level=level, **names)
        for (parameter, scaling, trained, _), network in zip(networks, loaded, strict=True):
            lower, upper = getattr(ranges, parameter)
            estimate = lower + (upper - lower) * apply_network(network, noisy)[:, 0]
            errors = percentage_error(estimate, test[parameter].values)
            row: dict[str, Any] = {
                "parameter": SYMBOLS[parameter],
                "scaling": scaling,
                "trained": trained,
            }
            row |= {"snr_db": snr_db, "mape": errors.mean(), "median": np.median(errors)}
            rows.append(row)
    table = pd.DataFrame(rows)
    order = {SYMBOLS[name]: number for number, name in enumerate(PARAMETERS)}
    return table.sort_values("parameter", key=lambda names: names.map(order), kind="stable")
