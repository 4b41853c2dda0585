"""Errors of estimates and of drawn images against the number of training samples.

The same question, for deep regression of the same magnets in general: *Neural Scaling Laws for Deep
Regression* (arXiv:2509.10000).
"""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter
from scipy.stats import linregress

from moirespin.analysis.paper_comparison import PUBLISHED, PUBLISHED_TRAINING
from moirespin.figures import style
from moirespin.learning.metrics import percentage_error

PAPER_LOOK = {"marker": "D", "mfc": "none", "markersize": 9, "mew": 1.4, "linestyle": ""}
JOINT_LOOK = {"marker": "*", "markersize": 9, "linestyle": ""}
PHASE_LOOKS = {
    "FM": {"marker": "^", "linestyle": ":"},
    "NCD": {"marker": "o", "linestyle": "-"},
    "MD": {"marker": "s", "linestyle": "--", "mfc": "none"},
}
BESIDE = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0}
# A line through two points has no scatter, and so no slope that is worth a number.
FEWEST_FITTED = 3
# The copy of the paper that was available has no number for theta over all angles.
PAPER_MAPE = {
    name: float(row.paper)
    for row in PUBLISHED
    for name in ("exchange", "anisotropy")
    if row.key == f"mape_{name}"
}


def draw(
    curve: pd.DataFrame, joint: xr.Dataset, images: pd.DataFrame
) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        curve: table of `sample_curve.score_fractions`, of the paper's networks.
        joint: schema `parameter_predictions`, of the joint network, trained on the whole set.
        images: errors of the test images that both generators draw, of `image_curve.score_drawn`
            with `generator` and `training_samples`.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=5.4)
    upper, lower = figure.subplots(2, 1)
    tables = [_draw_estimates(upper, curve, joint), _draw_images(lower, images)]
    for axes, name in ((upper, "a"), (lower, "b")):
        style.letter(axes, name)
        axes.set(xlabel="training samples", xscale="log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter(NullFormatter())
    drawn = pd.concat(tables, ignore_index=True)
    return figure, drawn[["item", *drawn.columns.drop("item")]]


def _draw_estimates(axes: Axes, curve: pd.DataFrame, joint: xr.Dataset) -> pd.DataFrame:
    tables = []
    for parameter, rows in curve.groupby("parameter", sort=False):
        tables.append(_draw_errors(axes, rows, parameter))
        tables.append(
            _draw_joint(axes, joint, parameter, training_samples=rows["training_samples"].max())
        )
        if parameter in PAPER_MAPE:
            tables.append(_draw_published(axes, parameter))
    axes.set(ylabel="MAPE (%)", yscale="log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    handles, _ = axes.get_legend_handles_labels()
    looks = {"joint network, here": JOINT_LOOK}
    if PAPER_MAPE.keys() & set(curve["parameter"]):
        looks["paper"] = PAPER_LOOK
    for label, look in looks.items():
        handles.append(
            Line2D([], [], color=style.NEUTRAL_COLOR, label=label, **look | {"markersize": 6})
        )
    axes.legend(handles=handles, **BESIDE)
    return pd.concat(tables)


def _draw_images(axes: Axes, images: pd.DataFrame) -> pd.DataFrame:
    for (generator, phase), rows in images.groupby(["generator", "phase"], sort=False):
        axes.errorbar(
            rows["training_samples"],
            rows["mean_error"],
            yerr=rows["error"],
            color=style.GENERATOR_COLORS[generator],
            label=f"{generator}, {phase}",
            **PHASE_LOOKS[phase],
        )
    axes.set(ylabel=r"mean $|\Delta S^z|$ of test images", yscale="log")
    axes.legend(**BESIDE)
    return images.assign(item="images")


def fit_power(counts: np.ndarray, mape: np.ndarray) -> tuple[float, float, float]:
    """Return factor, exponent and its standard error of the power law through errors.

    A straight line in the logarithms, all points alike; the standard error is from their scatter
    about it.
    """
    line = linregress(np.log(counts), np.log(mape))
    return np.exp(line.intercept), line.slope, line.stderr


def _draw_errors(axes: Axes, rows: pd.DataFrame, parameter: str) -> pd.DataFrame:
    counts, mape = rows["training_samples"].to_numpy(), rows["mape"].to_numpy()
    color, label = style.PARAMETER_COLORS[parameter], style.SYMBOLS[parameter]
    tables = [rows.assign(item="run")]
    if len(np.unique(counts)) >= FEWEST_FITTED:
        factor, slope, error = fit_power(counts, mape)
        label += rf", slope ${slope:.2f} \pm {error:.2f}$"
        ends = np.array([counts.min(), counts.max(), max(counts.max(), PUBLISHED_TRAINING[0])])
        line = factor * ends**slope
        axes.plot(ends[:2], line[:2], color=color)
        # Dotted where there is no network of ours.
        axes.plot(ends[1:], line[1:], color=color, linestyle=":")
        fitted = pd.DataFrame({"training_samples": ends, "mape": line, "slope": slope})
        tables.append(fitted.assign(parameter=parameter, item="fit", slope_error=error))
    axes.errorbar(counts, mape, yerr=rows["error"], fmt="o", color=color, label=label)
    return pd.concat(tables)


def _draw_joint(
    axes: Axes, joint: xr.Dataset, parameter: str, *, training_samples: int
) -> pd.DataFrame:
    chosen = joint.sel(parameter=parameter)
    mape = float(percentage_error(chosen["predicted"], chosen["true"]).mean())
    axes.plot(training_samples, mape, color=style.PARAMETER_COLORS[parameter], **JOINT_LOOK)
    return pd.DataFrame(
        {"parameter": [parameter], "item": "joint", "training_samples": training_samples}
        | {"mape": mape}
    )


def _draw_published(axes: Axes, parameter: str) -> pd.DataFrame:
    count, mape = PUBLISHED_TRAINING[0], PAPER_MAPE[parameter]
    # Above the points of ours, one of which it nearly meets.
    axes.plot(count, mape, color=style.PARAMETER_COLORS[parameter], zorder=4, **PAPER_LOOK)
    return pd.DataFrame(
        {"parameter": [parameter], "item": "paper", "training_samples": count, "mape": mape}
    )
