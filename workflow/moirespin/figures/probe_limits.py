"""What each kind of probe can know of J and D at best, against angle, resolution and height."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from moirespin.figures import panels, style

COLORS = {"net": "#0072b2", "top": "#d55e00", "both": "#009e73", "stray-field": "#cc79a7"}
DASHES = {"NCD": "-", "MD": "--"}
BOUNDS = {"exchange_bound": "$J$", "anisotropy_bound": "$D$"}
VARIED = {
    "twist_deg": r"twist angle $\theta$ (deg)",
    "point_spread_nm": "point spread (nm)",
    "height_nm": "height of the sensor (nm)",
}
# An error of all of the parameter is no knowledge.
LARGEST_PERCENT = 100.0
SMALLEST_PERCENT = 0.01
USEFUL_PERCENT = 10.0
# A median over fewer states says nothing of a phase.
FEWEST_STATES = 3


def draw(limits: pd.DataFrame, *, study: dict) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        limits: table of the rule `probe_limits`.
        study: config block `probe_limits`.

    Returns:
        Figure and plotted numbers: medians and quartiles over the states of a phase, in percent.
    """
    figure = style.new_figure(height_in=4.6)
    axes = figure.subplots(2, 3, sharey=True, sharex="col")
    tables = []
    for column, (varied, label) in enumerate(VARIED.items()):
        for row, bound in enumerate(BOUNDS):
            own = axes[row, column]
            chosen = limits[(limits["varied"] == varied) & (limits["gain"] == "free")]
            tables.append(_draw_bounds(own, chosen, bound).assign(varied=varied, bound=bound))
            style.letter(own, "abcdef"[3 * row + column])
            own.axhline(USEFUL_PERCENT, color=style.NEUTRAL_COLOR, linewidth=0.6, linestyle=":")
            own.set(yscale="log", ylim=(SMALLEST_PERCENT, LARGEST_PERCENT))
            own.yaxis.set_major_formatter("{x:g}")
            if varied != "twist_deg":
                own.set_xscale("log")
                own.set_xticks(study[varied], [f"{value:g}" for value in study[varied]])
                own.minorticks_off()
            if row:
                own.set_xlabel(label)
            if not column:
                own.set_ylabel(f"least error of {BOUNDS[bound]} (%)")
    handles = [Line2D([], [], color=color, label=name) for name, color in COLORS.items()]
    handles += [
        Line2D([], [], color=style.NEUTRAL_COLOR, linestyle=dash, label=name)
        for name, dash in DASHES.items()
    ]
    title = (
        f"{np.sqrt(study['area_nm2']):g} nm wide, pixels of {study['pixel_nm']:g} nm, noise of a"
        f" pixel {study['noise_spin']:g} ($S^z$) or {study['noise_ut']:g} µT"
    )
    panels.add_legend(figure, handles, loc="outside upper center", ncols=len(handles), title=title)
    drawn = pd.concat(tables, ignore_index=True)
    return figure, drawn[["varied", "bound", *drawn.columns.drop(["varied", "bound"])]]


def _draw_bounds(axes: Axes, chosen: pd.DataFrame, bound: str) -> pd.DataFrame:
    """Draw the median bound of each channel and phase."""
    tables = []
    counts = chosen.groupby(["channel", "phase", "value"])[bound].transform("size")
    enough = chosen[counts >= FEWEST_STATES]
    for (channel, phase), rows in enough.groupby(["channel", "phase"], sort=False):
        by_value = 100 * rows.groupby("value")[bound].quantile([0.25, 0.5, 0.75]).unstack()
        axes.plot(
            by_value.index, by_value[0.5], DASHES[phase], color=COLORS[channel], marker=".", ms=4
        )
        numbers = {"value": by_value.index, "percent": by_value[0.5].to_numpy()}
        numbers |= {"lower": by_value[0.25].to_numpy(), "upper": by_value[0.75].to_numpy()}
        states = rows.groupby("value").size().to_numpy()
        tables.append(pd.DataFrame(numbers).assign(channel=channel, phase=phase, states=states))
    return pd.concat(tables) if tables else pd.DataFrame()
