"""The paper's statements about where errors rise and fall, tested in two ways.

Samples are tested by rank correlation, and what the figures draw, the means of bins, by the ratio
of the means in the two halves of the axis: a rise at one end only is seen by the second, and may
leave ranks unmoved. Both tests know three findings, a rise, a fall and no correlation, by rules
that treat both signs alike and do not depend on what the paper says.

Axes:
    sample: test samples.
    bin: of a profile.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import spearmanr

from moirespin.analysis.bootstrap import SIGMAS_95_PERCENT
from moirespin.analysis.error_profiles import FEWEST_IN_BIN
from moirespin.analysis.material import ANOTHER, RunMaterial
from moirespin.analysis.paper_statements import (
    CRI3_BIN,
    EITHER,
    PHASE,
    STATEMENTS,
    TRAINING_SAMPLES,
    Statement,
)
from moirespin.analysis.regression_summary import CrI3Window
from moirespin.analysis.scores import magnetization_errors
from moirespin.io.netcdf import BOUNDARIES, PARAMETERS, PHASES
from moirespin.states.parameter_space import SYMBOLS

# A rank correlation within this is "no discernible correlation" (choice).
NEGLIGIBLE = 0.2
# So is a ratio of the halves' means within this factor (choice).
NEGLIGIBLE_RATIO = 1.25
# The interval of a rank correlation holds from about this number of samples on.
FEWEST_SAMPLES = 10
RISES, FALLS, NONE, OPEN = "rises", "falls", "no correlation", "open"
WORDS = {1: RISES, -1: FALLS, 0: NONE, EITHER: "correlated"}
AXES = {symbol: name for name, symbol in SYMBOLS.items()}
AXES |= {f"distance to {name}": name for name in BOUNDARIES}
DRAWN = {f"|error of {symbol}|": f"mae_{name}" for name, symbol in SYMBOLS.items()}
DRAWN |= {f"percentage error of {symbol}": f"mape_{name}" for name, symbol in SYMBOLS.items()}
DRAWN |= {
    "image MAE": "image_mae",
    "|error of magnetisation|": "magnetization_mae",
    "percentage error of magnetisation": "magnetization_mape",
}


class Interval(NamedTuple):
    """A number and its 95 % interval; NaN where it cannot be had."""

    value: float
    lower: float
    upper: float


UNKNOWN = Interval(np.nan, np.nan, np.nan)


class Points(NamedTuple):
    """What a statement is about: samples, and the drawn means of bins, each over some axis.

    Attributes:
        x, y: axis and quantity of each sample, shape (sample,).
        places, means, errors: axis, mean of the quantity and its standard error, shape (bin,).
    """

    x: np.ndarray
    y: np.ndarray
    places: np.ndarray
    means: np.ndarray
    errors: np.ndarray


def rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[Interval, int]:
    """Return Spearman's rank correlation of pairs (sample,) and the number of pairs.

    Pairs with a NaN are left out. The interval is that of Fisher's transformation with the
    variance of Bonett and Wright, Psychometrika 65, 23 (2000). All NaN where ranks are all the
    same or samples are fewer than ten.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    x, y, count = x[finite], y[finite], int(finite.sum())
    if count < FEWEST_SAMPLES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return UNKNOWN, count
    found = float(spearmanr(x, y).statistic)
    # For perfect agreement Fisher's transformation is infinite, and its inverse is 1 again.
    with np.errstate(divide="ignore"):
        centre = np.arctanh(np.clip(found, -1, 1))
    half = SIGMAS_95_PERCENT * np.sqrt((1 + found**2 / 2) / (count - 3))
    return Interval(found, float(np.tanh(centre - half)), float(np.tanh(centre + half))), count


def ratio_of_halves(places: np.ndarray, means: np.ndarray, errors: np.ndarray) -> Interval:
    """Return the mean of the upper half of the bins over that of the lower half.

    Bins count alike, as in a drawn profile; the middle one of an odd number is left out. The
    interval follows from the standard errors (bin,) to first order in the logarithm.

    Args:
        places: what orders the bins, shape (bin,).
        means: of the bins; those without a number are left out. All NaN below two of them.
        errors: their standard errors.
    """
    known = np.isfinite(means) & np.isfinite(errors)
    order = np.argsort(places[known], kind="stable")
    half = len(order) // 2
    if half == 0:
        return UNKNOWN
    low, high = order[:half], order[-half:]
    lower, upper = means[known][low].mean(), means[known][high].mean()
    if lower <= 0 or upper <= 0:
        return UNKNOWN
    relative = [
        np.linalg.norm(errors[known][members]) / (half * mean)
        for members, mean in ((low, lower), (high, upper))
    ]
    centre, spread = np.log(upper / lower), SIGMAS_95_PERCENT * np.hypot(*relative)
    return Interval(*(float(np.exp(centre + step)) for step in (0, -spread, spread)))


def find(interval: Interval, *, neutral: float, low: float, high: float) -> str:
    """Return what an interval says: a rise, a fall, no correlation, or nothing yet ("open").

    No correlation if it lies within `low` and `high`; a rise if the number itself is above `high`
    and the interval above the `neutral` value, a fall likewise; else open. Status: our choice.
    """
    if np.isnan(interval.lower):
        return OPEN
    if interval.lower >= low and interval.upper <= high:
        return NONE
    if interval.value > high and interval.lower > neutral:
        return RISES
    return FALLS if interval.value < low and interval.upper < neutral else OPEN


def find_by_rank(interval: Interval) -> str:
    """Return what a rank correlation says; see `find`."""
    return find(interval, neutral=0.0, low=-NEGLIGIBLE, high=NEGLIGIBLE)


def find_by_ratio(interval: Interval) -> str:
    """Return what a ratio of halves says; see `find`."""
    return find(interval, neutral=1.0, low=1 / NEGLIGIBLE_RATIO, high=NEGLIGIBLE_RATIO)


def agrees(sign: int, *found: str) -> str:
    """Return whether findings agree with a statement: yes, no, open or mixed.

    Findings that are open do not count; "mixed" means that the others contradict each other.
    """
    known = [each for each in found if each != OPEN]
    wanted = (RISES, FALLS) if sign == EITHER else (WORDS[sign],)
    verdicts = {each in wanted for each in known}
    if not verdicts:
        return "open"
    if len(verdicts) == 2:
        return "mixed"
    return "yes" if verdicts.pop() else "no"


def _samples(scores: xr.Dataset) -> dict[str, np.ndarray]:
    columns = {SYMBOLS[name]: scores[name].values for name in PARAMETERS}
    columns |= {
        f"distance to {name}": scores["distance"].sel(boundary=name).values for name in BOUNDARIES
    }
    return columns | {PHASE: scores["phase"].values.astype(float)}


def _estimated(scores: xr.Dataset) -> dict[str, np.ndarray]:
    columns = _samples(scores)
    for name, symbol in SYMBOLS.items():
        error = scores["error"].sel(parameter=name).values
        columns[f"error of {symbol}"] = error
        columns[f"|error of {symbol}|"] = np.abs(error)
        percentage = scores["percentage_error"].sel(parameter=name).values
        columns[f"percentage error of {symbol}"] = percentage
    return columns


def _generated(scores: xr.Dataset) -> dict[str, np.ndarray]:
    absolute, relative = magnetization_errors(scores)
    return _samples(scores) | {
        "image MAE": scores["mae"].mean("layer").values,
        "|error of magnetisation|": absolute,
        "percentage error of magnetisation": relative,
    }


def _points(
    statement: Statement,
    columns: dict[str, np.ndarray],
    profiles: xr.Dataset,
    *,
    cri3: dict[str, float],
) -> Points:
    """Return the samples and the means of bins that a statement is about."""
    y = columns[statement.quantity]
    if statement.along == PHASE:
        return _phases(columns[PHASE], y)
    symbol = statement.along.removeprefix(TRAINING_SAMPLES).removeprefix(CRI3_BIN)
    x = columns[symbol]
    if symbol not in AXES or statement.quantity not in DRAWN:
        return Points(x, y, *np.full((3, 0), np.nan))
    drawn = profiles.sel(axis=AXES[symbol])
    lower, upper = drawn["lower"].values, drawn["upper"].values
    own = drawn.sel(quantity=DRAWN[statement.quantity])
    means, errors = (own[key].values.copy() for key in ("mean", "standard_error"))
    means[drawn["count"].values < FEWEST_IN_BIN] = np.nan
    places = (lower + upper) / 2
    bins = np.clip(np.searchsorted(upper, x, side="right"), 0, len(upper) - 1)
    if statement.along.startswith(TRAINING_SAMPLES):
        places = drawn["training_count"].values.astype(float)
        x = places[bins]
    if statement.along.startswith(CRI3_BIN):
        chosen = np.clip(np.searchsorted(upper, cri3[symbol], side="right"), 0, len(upper) - 1)
        # Ranks say nothing of a tenth of the samples against the others: bins alone decide.
        return Points(np.zeros_like(x), y, *_one_against_others(int(chosen), means, errors))
    within = lower < lower[0] + statement.share * (upper[-1] - lower[0])
    y = np.where(within[bins], y, np.nan)
    return Points(x, y, places[within], means[within], errors[within])


def _phases(phase: np.ndarray, y: np.ndarray) -> Points:
    """Return NCD and MD as two bins; they are drawn as two curves."""
    flags = [PHASES.index(name) for name in ("NCD", "MD")]
    members = [y[(phase == flag) & np.isfinite(y)] for flag in flags]
    means = [each.mean() if len(each) else np.nan for each in members]
    errors = [
        each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan for each in members
    ]
    return Points(phase, y, np.array(flags, float), np.array(means), np.array(errors))


def _one_against_others(
    chosen: int, means: np.ndarray, errors: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of the other bins and that of the chosen one as two bins."""
    others = np.isfinite(means) & np.isfinite(errors) & (np.arange(len(means)) != chosen)
    count = max(int(others.sum()), 1)
    rest = means[others].sum() / count if others.any() else np.nan
    error = np.linalg.norm(errors[others]) / count
    return np.arange(2.0), np.array([rest, means[chosen]]), np.array([error, errors[chosen]])


def examine_statements(
    regression: xr.Dataset,
    generator: xr.Dataset,
    *,
    regression_profiles: xr.Dataset,
    generator_profiles: xr.Dataset,
    window: CrI3Window,
    material: RunMaterial,
) -> pd.DataFrame:
    """Return how each of the paper's statements fares.

    Args:
        regression: schema `regression_scores`.
        generator: schema `generator_scores`.
        regression_profiles: schema `profiles`, of `regression`.
        generator_profiles: schema `profiles`, of `generator`.
        window: its centre is what is near CrI3.
        material: of the run; the paper says nothing of another than its own.

    Returns:
        One row for each of `STATEMENTS`: `panel` of the paper, `section`, `sentence`, whether it
        is only `inferred` from that, `quantity`, `along`, the `share` of the axis that it is about,
        what the `paper` says; Spearman's `correlation` with its 95 % interval and the `samples`,
        and what is found `by_rank`; the `ratio` of the halves' means with its interval, and what
        is found `by_bins`; whether that `agrees`. Errors of parameters are those of eq. (5), if
        they are not percentages.
    """
    estimated, generated = _estimated(regression), _generated(generator)
    cri3 = {"J": window.exchange_mev, "D": window.anisotropy_mev}
    rows = []
    for statement in STATEMENTS:
        of_estimates = statement.quantity in estimated
        columns = estimated if of_estimates else generated
        profiles = regression_profiles if of_estimates else generator_profiles
        points = _points(statement, columns, profiles, cri3=cri3)
        correlation, samples = rank_correlation(points.x, points.y)
        ratio = ratio_of_halves(points.places, points.means, points.errors)
        by_rank, by_bins = find_by_rank(correlation), find_by_ratio(ratio)
        verdict = agrees(statement.sign, by_rank, by_bins)
        rows.append(
            statement._asdict()
            | {"inferred": "yes" if statement.inferred else "no"}
            | {"paper": WORDS[statement.sign]}
            | {"correlation": correlation.value}
            | {"lower": correlation.lower, "upper": correlation.upper, "samples": samples}
            | {"by_rank": by_rank, "ratio": ratio.value}
            | {"ratio_lower": ratio.lower, "ratio_upper": ratio.upper, "by_bins": by_bins}
            | {"agrees": verdict if material.is_the_papers else ANOTHER}
        )
    return pd.DataFrame(rows).drop(columns="sign")
