"""Panels that several figures share. Each draws on given axes and returns what it drew.

Tables are in long form: one row per point, with the panel's letter in the first column.
"""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from moirespin.analysis.error_profiles import FEWEST_IN_BIN
from moirespin.figures import style
from moirespin.io import netcdf

# A phase line is drawn with so many steps from one of its points to the next.
STEPS_BETWEEN_POINTS = 8
PHASE_LINES = {"fm_line": ("FM–NCD", "-"), "domain_line": ("NCD–MD", "--")}


def marker_style(count: int) -> dict:
    """Return size (points^2) and opacity of markers that keep `count` of them readable."""
    return {
        "s": float(np.clip(2500 / max(count, 1), 2.5, 16)),
        "alpha": float(np.clip(25 / np.sqrt(max(count, 1)), 0.35, 0.9)),
        "linewidths": 0,
        # A PDF with thousands of vector markers is slow to open.
        "rasterized": count > 2000,
    }


def name_phases(phase: xr.DataArray) -> np.ndarray:
    """Return the name of each phase flag (sample,), "undetermined" for -1."""
    return np.array((*netcdf.PHASES, "undetermined"))[phase.values]


def scatter_phases(axes: Axes, x: np.ndarray, y: np.ndarray, *, phase: np.ndarray) -> None:
    """Draw points (sample,) in the colour and marker of their phase, given by name."""
    for name, color in style.PHASE_COLORS.items():
        chosen = phase == name
        if chosen.any():
            axes.scatter(
                x[chosen],
                y[chosen],
                color=color,
                marker=style.PHASE_MARKERS[name],
                label=name,
                **marker_style(len(phase)),
            )


def add_legend(parent: Axes | Figure, handles: list | None = None, **options: Any) -> None:
    """Add a legend whose markers can be seen however small and pale the points are."""
    legend = parent.legend(handles=handles, handletextpad=0.4, **options)
    for handle in legend.legend_handles:
        handle.set_alpha(1)
        if isinstance(handle, PathCollection):
            handle.set_sizes([16])


def find_edges(centres: np.ndarray) -> tuple[float, float]:
    """Return where the first pixel begins and the last ends, of pixel centres (pixel,)."""
    half = (centres[1] - centres[0]) / 2
    return centres[0] - half, centres[-1] + half


def draw_phase_lines(axes: Axes, lines: xr.Dataset, twist_index: int) -> pd.DataFrame:
    """Draw the phase lines of one twist index over J and D; none where `lines` lacks the index.

    Args:
        axes: panel with J (meV) to the right and D (meV) upwards.
        lines: dataset of schema `phase_lines`.
        twist_index: commensurate index m.

    Returns:
        One row per point of a line.
    """
    tables = []
    here = lines.isel(twist=lines["twist_index"].values == twist_index)
    for row in range(here.sizes["twist"]):
        # One line is D as a function of J, the other J as a function of D.
        curves = {
            "fm_line": (here["line_exchange"].values, here["fm_line"].values[row]),
            "domain_line": (here["domain_line"].values[row], here["line_anisotropy"].values),
        }
        for name, (exchange, anisotropy) in curves.items():
            label, dash = PHASE_LINES[name]
            axes.plot(*_smooth(name, exchange, anisotropy), dash, color="black")
            curve = pd.DataFrame({"exchange_mev": exchange, "anisotropy_mev": anisotropy})
            tables.append(curve.dropna().assign(line=label, twist_index=twist_index))
    return pd.concat(tables) if tables else pd.DataFrame()


def _smooth(name: str, exchange: np.ndarray, anisotropy: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return J and D of a curve through the points of a phase line, without new extrema."""
    along, across = (exchange, anisotropy) if name == "fm_line" else (anisotropy, exchange)
    known = np.flatnonzero(np.isfinite(across))
    known = known[np.argsort(along[known])]
    along, across = along[known], across[known]
    if len(known) < 3:
        return (along, across) if name == "fm_line" else (across, along)
    steps = np.linspace(0, len(along) - 1, STEPS_BETWEEN_POINTS * (len(along) - 1) + 1)
    fine = np.interp(steps, np.arange(len(along)), along)
    # Half of the figures have no such lines, and the import takes as long as drawing a panel.
    from scipy.interpolate import PchipInterpolator

    curve = PchipInterpolator(along, across)(fine)
    return (fine, curve) if name == "fm_line" else (curve, fine)


def phase_line_handles() -> list[Line2D]:
    """Return the legend's entries of `draw_phase_lines`."""
    return [
        Line2D([], [], color="black", linestyle=dash, label=f"{name} line")
        for name, dash in PHASE_LINES.values()
    ]


def draw_counts(axes: Axes, profiles: xr.Dataset, axis: str, *, counts: str, label: bool) -> None:
    """Draw the samples of each bin as light bars behind `axes`, with their scale on the right.

    Args:
        axes: panel that holds, or will hold, a profile against `axis`.
        profiles: dataset of schema `profiles`.
        axis: label of the profiles' axis.
        counts: "count" for test samples, "training_count" for training samples.
        label: whether to name the scale on the right.
    """
    chosen = profiles.sel(axis=axis)
    number = chosen[counts].values
    # A count of -1 says that it is not known.
    if not (number > 0).any():
        return
    lower, upper = chosen["lower"].values, chosen["upper"].values
    twin = axes.twinx()
    twin.bar(lower, number, width=upper - lower, align="edge", color=style.COUNT_COLOR, ec="white")
    twin.set_ylim(0, 1.1 * number.max())
    twin.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    twin.tick_params(axis="y", colors="#888888")
    if label:
        twin.set_ylabel({"count": "test samples", "training_count": "training samples"}[counts])
        twin.yaxis.label.set_color("#888888")
    axes.set_zorder(twin.get_zorder() + 1)
    axes.patch.set_visible(False)


def draw_profile(
    axes: Axes,
    profiles: xr.Dataset,
    axis: str,
    *,
    quantity: str,
    panel: str,
    color: str = style.NEUTRAL_COLOR,
    label: str | None = None,
) -> pd.DataFrame:
    """Draw the mean of `quantity` in each bin of `axis`, with its standard error.

    Means of fewer than 20 samples are drawn as open markers, which neither lines join nor the
    vertical scale has to hold, unless there are no others.

    Returns:
        One row per bin that holds a value.
    """
    chosen = profiles.sel(axis=axis, quantity=quantity)
    table = pd.DataFrame(
        {"panel": panel, "axis": axis, "axis_unit": style.UNITS.get(axis, "1")}
        | {"quantity": quantity}
        | {name: chosen[name].values for name in ("lower", "upper", "mean", "standard_error")}
        | {name: chosen[name].values for name in ("count", "training_count")}
    )
    filled = table[np.isfinite(table["mean"])]
    lower, upper = table["lower"].min(), table["upper"].max()
    if len(filled):
        centres = (table["lower"] + table["upper"]) / 2
        firm = table["count"] >= FEWEST_IN_BIN
        if not (firm & np.isfinite(table["mean"])).any():
            firm[:] = True
        # Bins that are empty are passed on too, so that the line breaks there.
        shown = table[["mean", "standard_error"]].where(firm, axis=0)
        numbers = {"y": shown["mean"].to_numpy(), "yerr": shown["standard_error"].to_numpy()}
        axes.errorbar(centres, **numbers, fmt="o-", color=color, label=label)
        _draw_sparse(axes, centres[~firm], table[~firm], color=color)
    elif not axes.has_data() and not axes.texts:
        known = np.isfinite(lower)
        style.say_empty(axes, "no test sample" if known else "no such boundary\nin the sampled box")
    axes.set_xlabel(style.LABELS[axis])
    # A single twist angle has bins of no width, a boundary that does not exist has none at all.
    if lower < upper:
        axes.set_xlim(lower, upper)
    axes.update_datalim([(0, 0)], updatex=False)
    # The upper limit stays free for what shares the axes.
    axes.set_ylim(bottom=0, auto=True)
    return filled


def _draw_sparse(axes: Axes, centres: pd.Series, bins: pd.DataFrame, *, color: str) -> None:
    """Draw means of few samples, which leave the scales as they are."""
    if not np.isfinite(bins["mean"]).any():
        return
    scales = axes.dataLim.frozen()
    error = {"yerr": bins["standard_error"], "elinewidth": 0.6, "capsize": 0}
    axes.errorbar(centres, bins["mean"], **error, fmt="o", mfc="white", alpha=0.5, color=color)
    axes.dataLim.set(scales)


def draw_image_mae(axes: Axes, profiles: xr.Dataset, axis: str, *, panel: str) -> pd.DataFrame:
    """Draw the error of generated images against `axis`: both phases together and each alone."""
    lines = {
        "image_mae": {"color": style.NEUTRAL_COLOR, "label": "all"},
        "image_mae_ncd": {"color": style.PHASE_COLORS["NCD"], "label": "NCD"},
        "image_mae_md": {"color": style.PHASE_COLORS["MD"], "label": "MD"},
    }
    return pd.concat(
        [
            draw_profile(axes, profiles, axis, quantity=quantity, panel=panel, **look)
            for quantity, look in lines.items()
        ]
    )


def find_sample(samples: xr.Dataset, twist_index: int, set_number: int) -> xr.Dataset:
    """Return the one sample of a twist index and a number.

    Raises:
        ValueError: if there is none, as among files of different runs.
    """
    same = samples["twist_index"].values == twist_index
    (found,) = np.nonzero(same & (samples["set_number"].values == set_number))
    if not found.size:
        raise ValueError(
            f"set {set_number} of m = {twist_index} is missing from a {samples.attrs['title']} file"
        )
    return samples.isel(sample=found[0])


def find_typical(scores: xr.Dataset, phase: str) -> int | None:
    """Return the index of the sample with the median image error of a phase, None without one."""
    members = np.flatnonzero(scores["phase"].values == netcdf.PHASES.index(phase))
    if not members.size:
        return None
    error = scores["mae"].mean("layer").values[members]
    return int(members[np.argsort(error, kind="stable")[(members.size - 1) // 2]])
