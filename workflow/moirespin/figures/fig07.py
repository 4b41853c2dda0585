"""Figure 7: estimated parameters from noisy images."""

from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(scores: xr.Dataset, *, snr_db: Sequence[float]) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 7.

    Args:
        scores: dataset of schema `snr_scores`.
        snr_db: signal-to-noise ratios (dB) of the scatter panels; of each, the nearest level that
            the scores hold is drawn.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=4.5)
    axes = figure.subplots(2, 3)
    levels = scores["snr"].values
    nearest = {int(np.abs(levels - wanted).argmin()) for wanted in snr_db}
    # The cleanest level is drawn last: it covers the least.
    shown = scores.isel(snr=sorted(nearest, key=lambda index: levels[index]))
    tables = []
    for column, parameter in enumerate(netcdf.PARAMETERS):
        upper, lower = axes[:, column]
        tables.append(_draw_estimates(upper, shown, parameter, panel="abc"[column]))
        tables.append(_draw_error(lower, scores, parameter, panel="def"[column]))
    handles, _ = axes[0, 0].get_legend_handles_labels()
    panels.add_legend(
        figure,
        handles[::-1],
        loc="outside upper center",
        ncols=len(handles),
        title="signal-to-noise ratio",
    )
    return figure, pd.concat(tables)


def _draw_estimates(axes: Axes, shown: xr.Dataset, parameter: str, *, panel: str) -> pd.DataFrame:
    true = shown["true"].sel(parameter=parameter).values
    predicted = shown["predicted"].sel(parameter=parameter)
    levels = shown["snr"].values
    colors = matplotlib.colormaps["plasma"](np.linspace(0.85, 0, len(levels)))
    for level, color, values in zip(levels, colors, predicted.values, strict=True):
        axes.scatter(
            true, values, color=color, label=f"{level:g} dB", **panels.marker_style(true.size)
        )
    axes.axline((0, 0), slope=1, color=style.NEUTRAL_COLOR, linewidth=0.6)
    # Strong noise throws single estimates far out of the box.
    ends = np.array([true.min(), true.max()])
    low, high = np.quantile(predicted, [0.01, 0.99])
    margin = 0.08 * (np.ptp(ends) or 1.0)
    axes.set_xlim(ends[0] - margin, ends[1] + margin)
    axes.set_ylim(min(low, ends[0]) - margin, max(high, ends[1]) + margin)
    symbol, unit = style.SYMBOLS[parameter], style.UNITS[parameter]
    axes.set(xlabel=f"true {symbol} ({unit})", ylabel=f"estimated {symbol} ({unit})")
    style.letter(axes, panel)
    return pd.DataFrame(
        {
            "panel": panel,
            "parameter": parameter,
            "unit": style.UNITS[parameter],
            "snr_db": np.repeat(levels, true.size),
            "true": np.tile(true, levels.size),
            "predicted": predicted.values.ravel(),
        }
    )


def _draw_error(axes: Axes, scores: xr.Dataset, parameter: str, *, panel: str) -> pd.DataFrame:
    levels, mape = scores["snr"].values, scores["mape"].sel(parameter=parameter).values
    axes.plot(levels, mape, "o-", color=style.PARAMETER_COLORS[parameter])
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.invert_xaxis()
    axes.set(xlabel="SNR (dB), noisier →", ylabel=f"MAPE of {style.SYMBOLS[parameter]} (%)")
    style.letter(axes, panel)
    return pd.DataFrame({"panel": panel, "parameter": parameter, "snr_db": levels, "mape": mape})
