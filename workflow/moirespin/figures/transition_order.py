"""Beyond the paper: whether the NCD-MD transition jumps, along its line."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import style

COLORS = "viridis"


def draw(order: pd.DataFrame, *, threshold: float) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        order: table of `transition_order.examine_transition`, of all angles.
        threshold: of eq. (14) between NCD and MD.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=2.9)
    jump, beyond, plane = figure.subplots(1, 3)
    table = order.assign(jump=order["below"] - order["above"])
    angles = table["twist_index"].nunique()
    shades = matplotlib.colormaps[COLORS](np.linspace(0, 0.85, angles))
    for color, (_, own) in zip(shades, table.groupby("twist_index"), strict=True):
        label = rf"$\theta$ = {own['twist_angle_deg'].iloc[0]:.2f}°"
        own = own.sort_values("anisotropy_mev")
        jump.plot(own["anisotropy_mev"], own["jump"], "o-", color=color, label=label)
        reach = own["metastable_mev"] * own["twist_angle_deg"] ** 2
        beyond.plot(own["anisotropy_mev"], reach, "o-", color=color)
    jump.axhline(threshold, color="#777777", linestyle=":")
    jump.set(xlabel="$D$ (meV)", ylabel=r"jump of $||m_t| - |m_b||$", ylim=(0, None))
    beyond.set(
        xlabel="$D$ (meV)",
        ylabel="domains live beyond the\ncrossing by $J\\theta^2$ of (meV deg$^2$)",
    )
    _draw_plane(plane, table)
    figure.colorbar(plane.collections[0], ax=plane, label="jump")
    figure.legend(*jump.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    for axes, name in zip((jump, beyond, plane), "abc", strict=True):
        style.letter(axes, name)
    return figure, table.assign(panel="a-c")


def _draw_plane(axes: Axes, table: pd.DataFrame) -> None:
    """Draw all points of the line over the scaled exchange and D, in the colour of their jump."""
    jump = table["jump"].fillna(0)
    highest = max(float(np.max(jump)), 0.01)
    look = {"c": jump, "cmap": COLORS, "vmin": 0, "vmax": highest}
    axes.scatter(table["scaled"], table["anisotropy_mev"], s=14, **look)
    axes.set(xlabel=r"$J\theta^2$ (meV deg$^2$)", ylabel="$D$ (meV)")
