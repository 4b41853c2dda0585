"""Figure 3: estimated against true parameters, and the percentage error along each parameter."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(scores: xr.Dataset, profiles: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 3.

    Args:
        scores: dataset of schema `regression_scores`.
        profiles: dataset of schema `profiles` with the quantities of the regression.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=4.4)
    axes = figure.subplots(2, 3)
    tables = []
    for column, parameter in enumerate(netcdf.PARAMETERS):
        upper, lower = axes[:, column]
        tables.append(_draw_estimates(upper, scores, parameter, panel="abc"[column]))
        panel = "def"[column]
        tables.append(
            panels.draw_profile(
                lower,
                profiles,
                parameter,
                quantity=f"mape_{parameter}",
                panel=panel,
                color=style.PARAMETER_COLORS[parameter],
            )
        )
        panels.draw_counts(lower, profiles, parameter, counts="count", label=column == 2)
        lower.set_ylabel(f"MAPE of {style.SYMBOLS[parameter]} (%)")
        style.letter(lower, panel)
    return figure, pd.concat(tables)


def _draw_estimates(axes: Axes, scores: xr.Dataset, parameter: str, *, panel: str) -> pd.DataFrame:
    chosen = scores.sel(parameter=parameter)
    true, predicted = chosen["true"].values, chosen["predicted"].values
    phase = panels.name_phases(chosen["phase"])
    panels.scatter_phases(axes, true, predicted, phase=phase)
    axes.axline((0, 0), slope=1, color=style.NEUTRAL_COLOR, linewidth=0.6)
    ends = np.array([min(true.min(), predicted.min()), max(true.max(), predicted.max())])
    # A single twist angle that is found exactly leaves no range to show.
    limits = ends + 0.05 * (np.ptp(ends) or 1.0) * np.array([-1, 1])
    axes.set(xlim=limits, ylim=limits, box_aspect=1)
    axes.locator_params(nbins=5)
    symbol, unit = style.SYMBOLS[parameter], style.UNITS[parameter]
    axes.set(xlabel=f"true {symbol} ({unit})", ylabel=f"estimated {symbol} ({unit})")
    axes.text(
        *(0.05, 0.95),
        f"$R^2$ = {coefficient_of_determination(true, predicted):.4f}\n"
        f"MAPE = {chosen['percentage_error'].values.mean():.3g} %",
        transform=axes.transAxes,
        va="top",
    )
    panels.add_legend(axes, loc="lower right")
    style.letter(axes, panel)
    return pd.DataFrame(
        {
            "panel": panel,
            "parameter": parameter,
            "unit": style.UNITS[parameter],
            "phase": phase,
            "true": true,
            "predicted": predicted,
        }
    )


def coefficient_of_determination(true: np.ndarray, predicted: np.ndarray) -> float:
    """Return R^2 of the estimates (sample,), NaN where all true values are the same."""
    if np.ptp(true) == 0:
        return np.nan
    return 1 - np.sum((predicted - true) ** 2) / np.sum((true - true.mean()) ** 2)
