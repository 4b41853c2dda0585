"""Errors of the estimates against the number of training samples, beside the paper's."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter
from scipy.stats import linregress

from moirespin.analysis.paper_comparison import PUBLISHED, PUBLISHED_TRAINING
from moirespin.figures import panels, style

# A line through two points has no scatter, and so no slope that is worth a number.
FEWEST_FITTED = 3
# The paper's text has no number for theta over all angles.
PAPER_MAPE = {
    name: float(row.paper)
    for row in PUBLISHED
    for name in ("exchange", "anisotropy")
    if row.key == f"mape_{name}"
}


def draw(curve: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure from a table of `sample_curve.score_fractions`.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=3.0)
    axes = figure.subplots()
    tables = []
    for parameter, rows in curve.groupby("parameter", sort=False):
        tables.append(_draw_errors(axes, rows, parameter))
        if parameter in PAPER_MAPE:
            tables.append(_draw_published(axes, parameter))
    axes.set(xlabel="training samples", ylabel="MAPE (%)", xscale="log", yscale="log")
    for axis, form in ((axes.xaxis, "{x:,.0f}"), (axes.yaxis, "{x:g}")):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(form)
        axis.set_minor_formatter(NullFormatter())
    handles, _ = axes.get_legend_handles_labels()
    if PAPER_MAPE.keys() & set(curve["parameter"]):
        look = {"color": style.NEUTRAL_COLOR, "marker": "o", "mfc": "none", "linestyle": ""}
        handles.append(Line2D([], [], **look, label="paper"))
    panels.add_legend(figure, handles, loc="outside right upper")
    drawn = pd.concat(tables, ignore_index=True)
    return figure, drawn[["item", *drawn.columns.drop("item")]]


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


def _draw_published(axes: Axes, parameter: str) -> pd.DataFrame:
    count, mape = PUBLISHED_TRAINING[0], PAPER_MAPE[parameter]
    axes.plot(count, mape, "o", color=style.PARAMETER_COLORS[parameter], mfc="none")
    return pd.DataFrame(
        {"parameter": [parameter], "item": "paper", "training_samples": count, "mape": mape}
    )
