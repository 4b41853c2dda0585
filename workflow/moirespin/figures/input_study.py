"""Beyond the paper: how the scaling of inputs and noise in training decide what noise does."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from moirespin.figures import style
from moirespin.io.netcdf import PARAMETERS
from moirespin.states.parameter_space import SYMBOLS

NAMES = {
    "pixel": "per pixel (every run)",
    "floor": "per pixel, floor 0.1",
    "layer": "per layer",
    "raw": "raw",
}
COLORS = dict(zip(NAMES, ("#0072b2", "#56b4e9", "#d55e00", "#009e73"), strict=True))
DASHES = {"clean": "-", "noisy": "--"}
# Images without noise stand this far (dB) beside the cleanest level.
GAP_DB = 8.0


def draw(inputs: pd.DataFrame, noise: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        inputs: table of `input_study.score_inputs`.
        noise: table of `noise_bounds.compare_with_bound`, for the bound.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=3.4)
    axes = figure.subplots(1, 3)
    tables = []
    for own, parameter, panel in zip(axes, PARAMETERS, "abc", strict=True):
        symbol = SYMBOLS[parameter]
        rows = inputs[inputs["parameter"] == symbol]
        bound = noise[noise["parameter"] == symbol].sort_values("snr_db")
        tables.append(_draw_errors(own, rows).assign(panel=panel))
        own.plot(bound["snr_db"], bound["bound"], color="black", linestyle=":")
        own.set_ylabel(f"MAPE of {style.SYMBOLS[parameter]} (%)")
        style.letter(own, panel)
    handles = [Line2D([], [], color=COLORS[name], label=label) for name, label in NAMES.items()]
    grey = {"color": "#777777"}
    handles.append(Line2D([], [], **grey, label="trained without noise"))
    handles.append(Line2D([], [], **grey, linestyle="--", label="with noise"))
    handles.append(Line2D([], [], color="black", linestyle=":", label="bound"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    return figure, pd.concat(tables, ignore_index=True)


def _draw_errors(axes: Axes, rows: pd.DataFrame) -> pd.DataFrame:
    """Draw the error of each network against the noise, images without noise on the left."""
    cleanest = rows["snr_db"].max() + GAP_DB
    for (scaling, trained), own in rows.groupby(["scaling", "trained"], sort=False):
        levels = own["snr_db"].fillna(cleanest)
        order = np.argsort(levels)
        look = {"color": COLORS[scaling], "linestyle": DASHES[trained], "markersize": 2.5}
        axes.plot(levels.iloc[order], own["mape"].iloc[order], marker="o", **look)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    ticks = sorted({level for level in rows["snr_db"].dropna() if level % 20 == 0})
    axes.set_xticks([*ticks, cleanest], labels=[*(f"{tick:g}" for tick in ticks), "∞"])
    axes.invert_xaxis()
    axes.set_xlabel("SNR (dB), noisier →")
    return rows
