"""What the choices that the paper leaves open, or that are ours, do to the headline numbers.

Samples are datasets of schema `dataset` from `packed_images.opened`.
"""

from collections.abc import Mapping, Set
from itertools import combinations, permutations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.interpolate
import xarray as xr

from moirespin.analysis.bootstrap import Resampling, mean_of
from moirespin.images.image_set import Split
from moirespin.images.noise import add_noise
from moirespin.images.raster import first_quadrant
from moirespin.io import packed_images
from moirespin.io.netcdf import PARAMETERS
from moirespin.learning.metrics import percentage_error
from moirespin.learning.split_parts import split_part, true_parameters
from moirespin.learning.variants import KINDS, OWN, Variant
from moirespin.learning.varied_samples import vary_samples
from moirespin.learning.varied_tasks import varied_estimator
from moirespin.states.parameter_space import SYMBOLS, Box, Ranges
from moirespin.states.scale_fit import PUBLISHED_SHARE, Limit, fit_scale

# |m| of a ferromagnet is 1 to this.
UNIFORM = 1e-6
# What the joint network has and the paper's do not: architecture, input, and loss.
STEPS = {
    "architecture": ("paper", "joint"),
    "input": ("spin", "tilt"),
    "loss": ("squared", "logarithmic"),
}


class Noise(NamedTuple):
    """The noise of the scores: its level (dB), that level's number, and the seed of the run."""

    snr_db: float
    level: int
    seed: int


def tabulate_choices(
    samples: xr.Dataset,
    variants: Mapping[str, Variant],
    models: Mapping[str, Mapping[str, str]],
    *,
    ranges: Ranges,
    loss: str,
    split: Split,
    left_out: list[int],
    noise: Noise,
    resampling: Resampling,
) -> pd.DataFrame:
    """Return what networks of every variant achieve on the test part of their own dataset.

    Args:
        samples: schema `dataset`.
        variants: by name.
        models: path of each network of each variant.
        ranges: lower and upper end of each parameter.
        loss: of the paper's networks in every run.
        split: shares of the parts.
        left_out: twist indices that the split by angle leaves out.
        noise: of the scores with noise.
        resampling: of the bootstrap errors.

    Returns:
        One row per variant and kind of `networks`: `variant`, `choice`, `value`, `samples`, and for
        each parameter the MAPE, its bootstrap error, and the MAPE with noise, in percent.
    """
    rows = []
    for name, variant in variants.items():
        varied = vary_samples(
            samples, variant.changes, split=split, seed=noise.seed, left_out=left_out
        )
        test = split_part(varied, "test")
        quadrants = packed_images.load(first_quadrant(test["image"]))
        noisy = add_noise(
            packed_images.unpack(quadrants),
            twist_index=test["twist_index"].values,
            set_number=test["set_number"].values,
            **noise._asdict(),
        )
        for networks, own in _by_kind(variant, models[name]).items():
            estimate = varied_estimator(
                own, quadrants.shape[-1], ranges, changes=variant.changes, loss=loss
            )
            row: dict[str, Any] = {"variant": name, "choice": variant.choice}
            row |= {"value": variant.value, "networks": networks, "samples": len(quadrants)}
            errors, with_noise = (
                percentage_error(estimate(images), true_parameters(test))
                for images in (quadrants, noisy)
            )
            for column, parameter in enumerate(PARAMETERS):
                symbol, found = SYMBOLS[parameter], mean_of(errors[:, column], resampling)
                row |= {f"mape_{symbol}": found.value, f"error_{symbol}": found.error}
                row[f"noisy_{symbol}"] = with_noise[:, column].mean()
            rows.append(row)
    return pd.DataFrame(rows)


def _by_kind(variant: Variant, paths: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the paths of the networks of each kind that a variant has."""
    return {
        kind: {name: paths[name] for name in names}
        for kind, names in KINDS.items()
        if set(names) <= set(variant.networks)
    }


def count_ferromagnets(
    phase_diagram: xr.Dataset, lines: xr.Dataset, *, scale: float, box: Box, thresholds: list[float]
) -> pd.DataFrame:
    """Return the share of ferromagnets and the refitted scale for thresholds of eq. (14).

    Near-uniform states that the threshold counts as ferromagnetic come on top of the stable
    ferromagnets: lambda is fitted so that both together are the paper's share. The number of those
    states is taken as it is at the run's own lambda.

    Args:
        phase_diagram: schema `phase_diagram`.
        lines: schema `phase_lines`, traced at `scale`.
        scale: lambda of the run.
        box: ends of J and D.
        thresholds: of |m|.

    Returns:
        One row per threshold: `ferromagnetic`, `fm_percent` and `fitted_scale`.
    """
    size = np.abs(phase_diagram["magnetization"].values).min(axis=-1)
    limits = [
        _unit_limit(lines["line_exchange"].values, line, scale) for line in lines["fm_line"].values
    ]
    rows = []
    for threshold in thresholds:
        nearly = np.mean(size > threshold) - np.mean(size > 1 - UNIFORM)
        fitted = fit_scale(limits, box, PUBLISHED_SHARE - nearly)
        row = {"ferromagnetic": threshold, "fm_percent": 100 * np.mean(size > threshold)}
        rows.append(row | {"fitted_scale": fitted})
    return pd.DataFrame(rows)


def _unit_limit(exchange_mev: np.ndarray, line_mev: np.ndarray, scale: float) -> Limit:
    """Return D_c(J) at lambda = 1 from the FM-NCD line at `scale`: lambda scales both axes."""
    spline = scipy.interpolate.CubicSpline(np.log(exchange_mev), line_mev)
    return lambda exchange: spline(np.log(scale * exchange)) / scale


def split_gain(choices: pd.DataFrame) -> pd.DataFrame:
    """Return the factors by which architecture, input and loss lower the errors.

    All eight networks between the paper's and the joint one are there. The factor of a step is the
    geometric mean over the six orders in which the three steps can be taken, so that the product of
    the three is the whole gain.

    Args:
        choices: from `tabulate_choices`.

    Returns:
        One row for the networks trained without noise on images without, and one for those trained
        with it on images with noise, of each parameter: `trained`, `parameter`, the factors
        `architecture`, `input` and `loss`, and `gain`, their product.
    """
    found = choices.set_index(["variant", "networks"])
    rows = []
    for noisy, trained, scored in ((False, "clean", "mape"), (True, "noisy", "noisy")):
        for symbol in SYMBOLS.values():
            logs = {
                taken: np.log(found.loc[_row_of(taken, noisy), f"{scored}_{symbol}"])
                for size in range(len(STEPS) + 1)
                for taken in map(frozenset, combinations(STEPS, size))
            }
            factors = {step: np.exp(_mean_drop(step, logs)) for step in STEPS}
            gain = np.prod(list(factors.values()))
            rows.append({"trained": trained, "parameter": symbol} | factors | {"gain": gain})
    return pd.DataFrame(rows)


def _row_of(taken: Set[str], noisy: bool) -> tuple[str, str]:
    """Return variant and kind of the networks that have taken some of the steps."""
    kind, sees, learns = (ends[step in taken] for step, ends in STEPS.items())
    if (kind, sees, learns, noisy) in OWN:
        return "run", kind
    return f"{kind}_{sees}_{learns}" + ("_noisy" if noisy else ""), kind


def _mean_drop(step: str, logs: Mapping[frozenset[str], float]) -> float:
    """Return by how much a step lowers a logarithm, mean over the orders of all steps."""
    before = [frozenset(order[: order.index(step)]) for order in permutations(STEPS)]
    return float(np.mean([logs[taken] - logs[taken | {step}] for taken in before]))
