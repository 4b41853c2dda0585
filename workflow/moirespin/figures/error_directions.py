"""Beyond the paper: what noisy images can tell about J and D, and how the networks err."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

from moirespin.analysis.error_alignment import angles_deg, turn_deg
from moirespin.figures import panels, style

BOUND_COLORS = "YlGnBu"
UNIFORM_COLOR = "#eeeeee"
HALO = [Stroke(linewidth=2.6, foreground="white"), Normal()]
BIN_DEG = 10
GROUP_COLORS = {"all": "black"} | {name: style.PHASE_COLORS[name] for name in ("NCD", "MD")}
LONGEST_SEGMENT = 0.9  # in cells of the grid
CLEAR = 0.62  # of a panel's height; the legend is above
CLEAR_OF_WORDS = 0.88
# Directions have no sign: angles are drawn from here on, which splits neither phase's directions.
FIRST_DEG = 45


def draw(
    fisher: xr.Dataset, alignment: xr.Dataset, lines: xr.Dataset
) -> tuple[Figure, pd.DataFrame]:
    """Draw the Fisher information beside the networks' errors.

    Args:
        fisher: dataset of schema `fisher`.
        alignment: dataset of schema `error_alignment`.
        lines: dataset of schema `phase_lines`.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=5.1)
    upper, lower = figure.subfigures(2, 1, height_ratios=(1.1, 1))
    tables = []
    axes = upper.subplots(1, fisher.sizes["twist"], sharex=True, sharey=True, squeeze=False)[0]
    bounds = fisher["weak_bound"].values
    known = bounds[np.isfinite(bounds)]
    # A single value would leave the scale without a width.
    scale = LogNorm(0.99 * known.min(), 1.01 * known.max()) if known.size else LogNorm(0.1, 1)
    for number, here in enumerate(axes):
        panel = chr(ord("a") + number)
        tables.append(_draw_map(here, fisher.isel(twist=number), lines, scale=scale, panel=panel))
    axes[0].set_ylabel(style.LABELS["anisotropy"])
    upper.colorbar(
        axes[0].collections[0],
        ax=axes,
        label=f"least deviation along the weak\ndirection at {fisher.attrs['snr_db']:g} dB (norm.)",
    )
    handles = panels.phase_line_handles()
    upper.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    left, right = lower.subplots(1, 2)
    first = ord("a") + len(axes)
    tables.append(_draw_directions(left, fisher, alignment, panel=chr(first)))
    tables.append(_draw_turns(right, alignment, chr(first + 1)))
    handles, _ = left.get_legend_handles_labels()
    if handles:
        lower.legend(handles=handles, loc="outside lower left", ncols=2)
    return figure, pd.concat(tables)


def _draw_map(
    axes: Axes, fisher: xr.Dataset, lines: xr.Dataset, *, scale: LogNorm, panel: str
) -> pd.DataFrame:
    """Draw bound and weak direction over (J, D) at one twist angle, and the phase lines."""
    centres = [fisher["grid_exchange"].values, fisher["grid_anisotropy"].values]
    ends = [_cell_ends(values) for values in centres]
    edges = [np.linspace(*pair, len(x) + 1) for pair, x in zip(ends, centres, strict=True)]
    bound = np.ma.masked_invalid(fisher["weak_bound"].values.T)
    axes.set_facecolor(UNIFORM_COLOR)
    axes.pcolormesh(*edges, bound, norm=scale, cmap=BOUND_COLORS, linewidth=0, rasterized=True)
    grid = np.stack(np.meshgrid(*centres, indexing="ij"), axis=-1)
    cell = np.array([np.ptp(pair) / len(x) for pair, x in zip(ends, centres, strict=True)])
    # Directions live in the plane of the normalised parameters, which the square panel is. Where
    # all directions are almost equally weak, the segment shrinks.
    inequality = 1 - fisher["strong_bound"].values / fisher["weak_bound"].values
    box = np.ptp(ends, axis=1)
    reach = 0.5 * LONGEST_SEGMENT * min(cell / box) * inequality[..., None]
    half = reach * fisher["weak_direction"].values * box
    segments = np.stack([grid - half, grid + half], axis=-2).reshape(-1, 2, 2)
    segments = segments[np.isfinite(segments).all(axis=(1, 2))]
    axes.add_collection(LineCollection(segments, colors="black", linewidths=1.4, path_effects=HALO))
    curves = panels.draw_phase_lines(axes, lines, int(fisher["twist_index"]))
    axes.set(xlim=ends[0], ylim=ends[1], box_aspect=1, xlabel="$J$ (meV)")
    axes.set_title(rf"$\theta$ = {float(fisher['twist_angle']):.2f}°")
    style.letter(axes, panel)
    table = pd.DataFrame(
        {
            "twist_index": int(fisher["twist_index"]),
            "exchange_mev": grid[..., 0].ravel(),
            "anisotropy_mev": grid[..., 1].ravel(),
            "phase": panels.name_phases(fisher["phase"]).ravel(),
            "weak_bound": fisher["weak_bound"].values.ravel(),
            "strong_bound": fisher["strong_bound"].values.ravel(),
            "weak_angle_deg": angles_deg(fisher["weak_direction"].values).ravel(),
        }
        | {
            f"bound_{name}": fisher["bound"].sel(parameter=name).values.ravel()
            for name in fisher["parameter"].values
        }
    )
    return pd.concat([table, curves]).assign(panel=panel)


def _cell_ends(centres: np.ndarray) -> tuple[float, float]:
    if len(centres) == 1:
        return 0.5 * centres[0], 1.5 * centres[0]
    return panels.find_edges(centres)


def _draw_directions(
    axes: Axes, fisher: xr.Dataset, alignment: xr.Dataset, *, panel: str
) -> pd.DataFrame:
    """Draw how often each weak direction occurs, and the principal axes of the errors."""
    bins = np.arange(FIRST_DEG, FIRST_DEG + 180 + BIN_DEG, BIN_DEG)
    phase = panels.name_phases(fisher["phase"])
    angles = np.asarray(_unfold(angles_deg(fisher["weak_direction"].values)))
    groups = {
        name: angles[(phase == name) & np.isfinite(angles)] for name in alignment["group"].values
    }
    groups = {name: values for name, values in groups.items() if len(values)}
    axes.hist(
        list(groups.values()) or [[]],
        bins=bins,
        stacked=True,
        color=[GROUP_COLORS[name] for name in groups] or None,
        alpha=0.6,
        label=[f"weak directions of {name} images" for name in groups] or None,
    )
    rows = []
    for name in alignment["group"].values:
        axis, spread = (
            alignment[key].sel(group=name).values for key in ("axis", "axis_spread_deg")
        )
        if not np.isfinite(axis).all():
            continue
        angle = float(angles_deg(axis))
        look = {"color": GROUP_COLORS[name], "zorder": 3}
        label = f"main axis of the errors, {name}"
        # All samples are drawn last and broken: their axis may lie on that of a phase.
        last = name == "all"
        look |= {"linestyle": "--", "zorder": 4} if last else {"path_effects": HALO}
        axes.axvline(_unfold(angle), ymax=CLEAR_OF_WORDS, label=label, linewidth=1.8, **look)
        rows.append({"group": name, "axis_deg": angle, "axis_spread_deg": float(spread)})
    for place in (90, 180):
        axes.axvline(place, color="#777777", linewidth=0.5, linestyle=":", zorder=0)
    axes.set_ylim(top=max(axes.get_ylim()[1], 1) / CLEAR_OF_WORDS)
    words = {67: "same sign", 135: "opposite signs of $J$ and $D$", 203: "same sign"}
    for place, text in words.items():
        axes.text(
            place, 0.92, text, transform=axes.get_xaxis_transform(), ha="center", size="small"
        )
    ticks = range(FIRST_DEG, FIRST_DEG + 181, 45)
    axes.set(xlim=(ticks[0], ticks[-1]), xticks=ticks, ylabel="states of the grid")
    axes.set_xticklabels([f"{tick % 180}" for tick in ticks])
    axes.set_xlabel("angle of the direction from the $J$ axis (deg, norm.)")
    style.letter(axes, panel)
    return pd.DataFrame(rows, columns=["group", "axis_deg", "axis_spread_deg"]).assign(panel=panel)


def _unfold(angle_deg: np.ndarray | float) -> np.ndarray | float:
    """Return angles of directions within the half turn that is drawn."""
    return FIRST_DEG + (angle_deg - FIRST_DEG) % 180


def _draw_turns(axes: Axes, alignment: xr.Dataset, panel: str) -> pd.DataFrame:
    """Draw by how much the networks' errors are turned from the weak direction there."""
    bins = np.arange(-90, 90 + BIN_DEG, BIN_DEG)
    phase = panels.name_phases(alignment["phase"])
    turns = turn_deg(alignment["error"].values, alignment["weak_direction"].values)
    tables = []
    for name in alignment["group"].values:
        values = turns[(phase == name) & np.isfinite(turns)]
        if not len(values):
            continue
        weights = np.full(len(values), 1 / (len(values) * BIN_DEG))
        share = 100 * float(alignment["weak_share"].sel(group=name))
        dealt = 100 * float(alignment["common_share"].sel(group=name))
        label = f"{name}: {share:.0f} % of error² along it, dealt out {dealt:.0f} %"
        color = GROUP_COLORS[name]
        axes.hist(values, bins, weights=weights, histtype="step", color=color, lw=1.4, label=label)
        numbers = {
            key: float(alignment[key].sel(group=name))
            for share in ("weak_share", "common_share")
            for key in (share, f"{share}_lower", f"{share}_upper")
        }
        tables.append(pd.DataFrame({"group": name, "turn_deg": values, **numbers}))
    if not tables:
        style.say_empty(axes, "no test sample has\na weak direction")
    axes.axhline(
        1 / 180, color="#777777", linewidth=0.8, linestyle=":", label="unrelated (50 %)", zorder=0
    )
    axes.set_ylim(top=axes.get_ylim()[1] / CLEAR)
    axes.set(xlim=(-90, 90), xticks=range(-90, 91, 45), ylabel="share of samples per degree")
    axes.set_xlabel("turn of the error from the weak direction (deg, norm.)")
    axes.legend(loc="upper left")
    style.letter(axes, panel)
    return pd.concat([pd.DataFrame(), *tables]).assign(panel=panel)
