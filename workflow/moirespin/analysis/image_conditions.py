"""Errors of the joint networks on images as a camera or a file would give them.

Axes:
    sample: test samples.
    condition: what is done to their images.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.images.noise import add_noise
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.degradation import round_to_bits
from moirespin.learning.metrics import percentage_error
from moirespin.learning.prediction import joint_estimator
from moirespin.learning.split_parts import split_part, true_parameters
from moirespin.states.parameter_space import SYMBOLS, Ranges

LEVELS_DB = (40.0, 30.0, 20.0, 10.0, 0.0)


def conditions(
    test: xr.Dataset, *, bits: int, shift_pixels: int, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names of conditions and the quadrants (sample, layer, y, x) under them.

    Args:
        test: samples of schema `dataset`.
        bits: of rounded images.
        shift_pixels: of shifted images, towards the middle of the window along both axes.
        seed: of the noise.
    """
    images = packed_images.unpack(packed_images.load(first_quadrant(test["image"], shift_pixels)))
    size = images.shape[-1] - shift_pixels
    clean = images[..., shift_pixels:, shift_pixels:]
    yield "as simulated", clean
    yield f"{bits} bits", np.asarray(round_to_bits(clean, bits))
    yield f"shifted by {shift_pixels} pixels", images[..., :size, :size]
    names = {name: test[name].values for name in ("twist_index", "set_number")}
    for level, snr_db in enumerate(LEVELS_DB):
        noisy = add_noise(clean, snr_db=snr_db, seed=seed, level=level, **names)
        yield f"noise of {snr_db:g} dB", noisy


def score_conditions(
    samples: xr.Dataset,
    models: Mapping[str, str],
    *,
    ranges: Ranges,
    bits: int,
    shift_pixels: int,
    resampling: Resampling,
) -> pd.DataFrame:
    """Return the errors of networks under each condition.

    Args:
        samples: schema `dataset`, from `packed_images.opened`.
        models: paths of joint networks, by name.
        ranges: lower and upper end of each parameter.
        bits: of rounded images.
        shift_pixels: of shifted images.
        resampling: of the bootstrap errors; its seed is that of the noise.

    Returns:
        One row per `network`, `condition` and `parameter`: `mape` in percent, its bootstrap
        `error`, the `median` of the percentage errors, and the number of `samples`.
    """
    test = split_part(samples, "test")
    true, rows = true_parameters(test), []
    shown = conditions(test, bits=bits, shift_pixels=shift_pixels, seed=resampling.seed)
    networks = {
        name: joint_estimator(path, samples.sizes["x"] // 2, ranges)
        for name, path in models.items()
    }
    for condition, quadrants in shown:
        for name, estimate in networks.items():
            errors = percentage_error(estimate(quadrants), true)
            for column, parameter in enumerate(PARAMETERS):
                found = mean_of(errors[:, column], resampling)
                row: dict[str, Any] = {
                    "network": name,
                    "condition": condition,
                    "parameter": SYMBOLS[parameter],
                }
                row |= {"mape": found.value, "error": found.error}
                row |= {"median": float(np.median(errors[:, column])), "samples": found.samples}
                rows.append(row)
    return pd.DataFrame(rows)
