"""Figure 11: order parameters and phase of every parameter set, with the exact phase lines."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from moirespin.figures import panels, style
from moirespin.io import netcdf

# More markers would hide what is inside the box.
MOST_MARKERS = 2500
ORDER_PARAMETERS = {
    "average": r"$(|m_t| + |m_b|)\,/\,2$",
    "difference": r"$||m_t| - |m_b||$",
}


def draw(
    diagram: xr.Dataset, lines: xr.Dataset, *, twist_indices: Sequence[int]
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 11.

    Args:
        diagram: dataset of schema `phase_diagram`.
        lines: dataset of schema `phase_lines`.
        twist_indices: twist indices m of the slices in the lower row.

    Returns:
        Figure and plotted numbers.
    """
    table = _tabulate(diagram)
    figure = style.new_figure(height_in=4.7)
    upper, lower = figure.subfigures(2, 1, height_ratios=(1.3, 1))
    _draw_clouds(upper, table)
    tables = [table]

    axes = lower.subplots(1, len(twist_indices), sharex=True, sharey=True, squeeze=False)[0]
    for column, twist_index in enumerate(twist_indices):
        panel = chr(ord("d") + column)
        tables.append(_draw_slice(axes[column], table, lines, twist_index=twist_index, panel=panel))
    axes[0].set_ylabel(style.LABELS["anisotropy"])
    axes[0].set(xlim=_limits(table["exchange_mev"]), ylim=_limits(table["anisotropy_mev"]))
    handles = panels.phase_line_handles()
    lower.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure, pd.concat(tables)


def _tabulate(diagram: xr.Dataset) -> pd.DataFrame:
    """Return one row per set: parameters, phase and the order parameters, eq. (12)."""
    size = abs(diagram["magnetization"])
    top, bottom = (size.sel(layer=layer).values for layer in netcdf.LAYERS)
    return pd.DataFrame(
        {
            "panel": "a-c",
            "twist_index": diagram["twist_index"].values,
            "twist_angle_deg": diagram["twist_angle"].values,
            "exchange_mev": diagram["exchange"].values,
            "anisotropy_mev": diagram["anisotropy"].values,
            "phase": panels.name_phases(diagram["phase"]),
            "average": (top + bottom) / 2,
            "difference": np.abs(top - bottom),
        }
    )


def _draw_clouds(parent: SubFigure, table: pd.DataFrame) -> None:
    """Draw the order parameters and the phase over (theta, J, D), of a part of many sets."""
    step = -(-len(table) // MOST_MARKERS)
    table = table.iloc[::step]
    axes = parent.subplot_mosaic(
        [["a", "b", "c", "."], ["average", "difference", "phase", "."]],
        height_ratios=(1, 0.04),
        # The empty column takes the label of the last vertical axis.
        width_ratios=(1, 1, 1, 0.04),
        per_subplot_kw={("a", "b", "c"): {"projection": "3d"}},
    )
    look = panels.marker_style(len(table)) | {"depthshade": False}
    for panel, (name, label) in zip("ab", ORDER_PARAMETERS.items(), strict=True):
        picture = axes[panel].scatter(*_positions(table), c=table[name], vmin=0, vmax=1, **look)
        bar = parent.colorbar(picture, cax=axes[name], location="bottom", label=label)
        bar.solids.set_alpha(1)
    for name, color in style.PHASE_COLORS.items():
        members = table[table["phase"] == name]
        if len(members):
            marker = style.PHASE_MARKERS[name]
            axes["c"].scatter(*_positions(members), color=color, marker=marker, label=name, **look)
    axes["phase"].set_axis_off()
    handles, _ = axes["c"].get_legend_handles_labels()
    panels.add_legend(axes["phase"], handles, loc="center", ncols=len(handles))
    for panel in "abc":
        axes[panel].set(xlabel=r"$\theta$ (deg)", ylabel="$J$ (meV)", zlabel="$D$ (meV)")
        axes[panel].tick_params(pad=-2)
        axes[panel].locator_params(nbins=5)
        # Labels of three-dimensional axes lie outside the box that the layout knows.
        axes[panel].set_box_aspect(None, zoom=0.95)
        axes[panel].patch.set_visible(False)
        for axis in (axes[panel].xaxis, axes[panel].yaxis, axes[panel].zaxis):
            axis.labelpad = -5
        # The box of these axes reaches far above what they draw.
        style.letter(axes[panel], panel, height=0.92)


def _positions(table: pd.DataFrame) -> list[pd.Series]:
    return [table[name] for name in ("twist_angle_deg", "exchange_mev", "anisotropy_mev")]


def _draw_slice(
    axes: Axes, table: pd.DataFrame, lines: xr.Dataset, *, twist_index: int, panel: str
) -> pd.DataFrame:
    """Draw the sampled phases at one twist angle, and the phase lines over them."""
    members = table[table["twist_index"] == twist_index]
    panels.scatter_phases(
        axes, members["exchange_mev"], members["anisotropy_mev"], phase=members["phase"]
    )
    tables = [members, panels.draw_phase_lines(axes, lines, twist_index)]
    if members.empty:
        style.say_empty(axes, f"no set\nat $m$ = {twist_index}")
    else:
        axes.set_title(rf"$\theta$ = {members['twist_angle_deg'].iloc[0]:.2f}°")
    axes.set_xlabel("$J$ (meV)")
    style.letter(axes, panel)
    return pd.concat(tables).assign(panel=panel)


def _limits(values: pd.Series) -> tuple[float, float]:
    margin = 0.03 * (values.max() - values.min()) or 0.1
    return values.min() - margin, values.max() + margin
