"""Inference put to the test: do error bars hold the truth, and are they as narrow as can be?"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binom

from moirespin.analysis.coverage import MISSED, binomial_error, holds, read, split
from moirespin.analysis.recognition import DISTINCT, tabulate_recognition
from moirespin.figures import style

NAMES = {
    "twist_angle_deg": "twist_angle",
    "exchange_mev": "exchange",
    "anisotropy_mev": "anisotropy",
}
GROUPS = {
    "all": "",
    "phase": "",
    "channel": "",
    "snr_db": "SNR (dB) ",
    "fm_line_distance_mev": "FM–NCD (meV) ",
}
BINS = 10
# Fewer images than this say nothing about a share of 95 %.
FEWEST = 10
LEVELS = np.linspace(0.02, 0.98, 49)
WIDEST = 30.0
# p-values and distances are drawn where they are, or at the edge.
LEAST_P = 1e-8
DISTANCES = (0.3, 1000.0)
# Looks of images of the model's own exchange and of another.
SOURCES: dict[str, dict[str, Any]] = {
    "own": {"edgecolors": "#777777", "marker": "o", "s": 7},
    "foreign": {"edgecolors": "#d55e00", "marker": "^", "s": 13},
}


def draw(calibration: pd.DataFrame, foreign: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        calibration: table of the rule `calibration`.
        foreign: table of the rule `foreign`.

    Returns:
        Figure and plotted numbers.
    """
    own = read(calibration)
    figure = style.new_figure(height_in=8.4)
    above, below = figure.subfigures(2, 1, height_ratios=[1, 1.9])
    first = above.subplots(1, 3)
    named = below.subplot_mosaic([["d", "e"], ["d", "f"]], width_ratios=[1, 1.15])
    second = [named[name] for name in "def"]
    if not len(own):
        for axes in (*first, *second):
            style.say_empty(axes, "no image was read")
        return figure, pd.DataFrame({"item": ["images"], "value": [0.0]})
    tables = [
        _draw_coverage(first[0], own),
        _draw_ranks(first[1], own),
        _draw_widths(first[2], own),
        _draw_groups(second[0], own),
        _draw_errors(second[1], own),
        _draw_recognition(second[2], calibration, foreign),
    ]
    for axes, name in zip((*first, *second), "abcdef", strict=True):
        style.letter(axes, name)
    return figure, pd.concat(tables, ignore_index=True)


def _draw_coverage(axes: Axes, own: pd.DataFrame) -> pd.DataFrame:
    """Draw how often intervals hold the truth, against the share of the posterior they hold."""
    error = np.sqrt(LEVELS * (1 - LEVELS) / len(own))
    axes.fill_between(
        LEVELS, -2 * error, 2 * error, color=style.COUNT_COLOR, lw=0, label="±2 binomial errors"
    )
    tables = []
    for name, parameter in NAMES.items():
        rank = own[f"{name}_rank"].to_numpy()
        found = np.array([np.mean(holds(rank, level)) for level in LEVELS])
        axes.plot(
            LEVELS,
            found - LEVELS,
            color=style.PARAMETER_COLORS[parameter],
            label=style.SYMBOLS[parameter],
        )
        rows = {"item": "coverage", "parameter": name, "x": LEVELS, "value": found}
        tables.append(pd.DataFrame(rows))
    axes.axhline(0, color=style.NEUTRAL_COLOR, linewidth=0.6)
    axes.set(xlabel="credibility of the interval", ylabel="share that holds the truth, excess")
    axes.set_ylim(-0.2, 0.2)
    axes.legend(ncols=2, loc="upper center")
    return pd.concat(tables)


def _draw_ranks(axes: Axes, own: pd.DataFrame) -> pd.DataFrame:
    """Draw the histograms of the truths' ranks among the samples."""
    edges = np.linspace(0, 1, BINS + 1)
    lower, upper = binom.ppf([0.025, 0.975], len(own), 1 / BINS)
    axes.fill_between([0, 1], lower, upper, color=style.COUNT_COLOR, lw=0, label="95 % if uniform")
    tables = []
    for name, parameter in NAMES.items():
        counts, _ = np.histogram(own[f"{name}_rank"], edges)
        axes.stairs(
            counts, edges, color=style.PARAMETER_COLORS[parameter], label=style.SYMBOLS[parameter]
        )
        rows = {"item": "ranks", "parameter": name, "x": edges[:-1], "value": counts}
        tables.append(pd.DataFrame(rows))
    axes.set(xlabel="rank of the truth in the posterior", ylabel="images", xlim=(0, 1))
    axes.set_ylim(0, 1.35 * axes.get_ylim()[1])
    axes.legend(ncols=2, loc="upper center")
    return pd.concat(tables)


def _draw_widths(axes: Axes, own: pd.DataFrame) -> pd.DataFrame:
    """Draw the distribution of posterior widths over their bounds."""
    tables = []
    for name, parameter in NAMES.items():
        ratio = np.sort((own[f"{name}_std"] / own[f"{name}_bound"]).to_numpy())
        ratio = ratio[np.isfinite(ratio)]
        share = (np.arange(len(ratio)) + 0.5) / max(len(ratio), 1)
        axes.plot(
            ratio,
            share,
            color=style.PARAMETER_COLORS[parameter],
            label=f"{style.SYMBOLS[parameter]}, median {np.median(ratio):.2f}",
        )
        rows = {"item": "width", "parameter": name, "x": ratio, "value": share}
        tables.append(pd.DataFrame(rows))
    axes.axvline(1, color=style.NEUTRAL_COLOR, linewidth=0.6)
    axes.set(xscale="log", xlim=(0.3, WIDEST), ylim=(0, 1))
    axes.set(xlabel="std over Cramér–Rao bound", ylabel="share of images below")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.legend(loc="lower right")
    return pd.concat(tables)


def _draw_groups(axes: Axes, own: pd.DataFrame) -> pd.DataFrame:
    """Draw the share of 95 % intervals that hold the truth in each group."""
    names, tables = [], []
    groups = [
        (f"{GROUPS[group]}{value}", rows)
        for group, value, rows in split(own)
        if group in GROUPS and len(rows) >= FEWEST
    ]
    for place, (label, rows) in enumerate(groups):
        names.append(f"{label} ({len(rows)})")
        for shift, (name, parameter) in zip((-0.22, 0, 0.22), NAMES.items(), strict=True):
            share = float(np.mean(holds(rows[f"{name}_rank"].to_numpy(), 0.95)))
            error = binomial_error(share, len(rows))
            axes.errorbar(
                share,
                place + shift,
                xerr=error,
                fmt="o",
                markersize=3,
                color=style.PARAMETER_COLORS[parameter],
                label=style.SYMBOLS[parameter] if place == 0 else None,
            )
            tables.append(
                {"item": "holds_95", "parameter": name, "group": label, "value": share}
                | {"error": error, "images": len(rows)}
            )
    axes.axvspan(0.93, 0.97, color=style.COUNT_COLOR, lw=0)
    axes.axvline(0.95, color=style.NEUTRAL_COLOR, linewidth=0.6)
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.5, -0.5), xlabel="95 % intervals that hold the truth")
    axes.set_xlim(min(0.75, axes.get_xlim()[0]), 1.01)
    return pd.DataFrame(tables)


def _draw_errors(axes: Axes, own: pd.DataFrame) -> pd.DataFrame:
    """Draw errors in posterior deviations against the noise, and what was missed."""
    tables = []
    for name, parameter in NAMES.items():
        away = (own[f"{name}_error"] / own[f"{name}_std"]).to_numpy()
        missed = ~holds(own[f"{name}_rank"].to_numpy(), MISSED)
        color = style.PARAMETER_COLORS[parameter]
        snr = own["snr_db"].to_numpy()
        drawn = np.clip(away, -8, 8)
        axes.scatter(snr[~missed], drawn[~missed], s=6, color=color, linewidths=0, alpha=0.6)
        axes.scatter(snr[missed], drawn[missed], s=16, color=color, marker="x", linewidths=0.8)
        rows = {"item": "error", "parameter": name, "x": snr, "value": away}
        tables.append(pd.DataFrame(rows))
    axes.axhspan(-1.96, 1.96, color=style.COUNT_COLOR, lw=0, zorder=0)
    axes.scatter([], [], marker="x", color=style.NEUTRAL_COLOR, label="outside the 99.9 % interval")
    axes.legend(loc="upper left")
    axes.set(xlabel="SNR (dB)", ylabel="(mean − truth) / std, cut at 8", ylim=(-8.5, 8.5))
    axes.invert_xaxis()
    return pd.concat(tables)


def _draw_recognition(axes: Axes, calibration: pd.DataFrame, foreign: pd.DataFrame) -> pd.DataFrame:
    """Draw the goodness of fit against how far images are from the model's nearest.

    Images that are called unexplained are filled.
    """
    shares = tabulate_recognition(calibration=calibration, foreign=foreign)
    shares = shares[shares["distance"] == "all"].set_index("source")
    tables = []
    for source, table in (("own", calibration), ("foreign", foreign)):
        own = read(table)
        distance, p_value = own["distance_sigma"].to_numpy(), own["p_value"].to_numpy()
        called, images = (int(shares[name][source]) for name in ("called", "images"))
        look = SOURCES[source]
        axes.scatter(
            np.clip(distance, *DISTANCES),
            np.maximum(p_value, LEAST_P),
            label=f"{source}: {called} of {images}",
            facecolors=np.where(own["unexplained"].astype(bool), look["edgecolors"], "none"),
            linewidths=0.6,
            **look,
        )
        tables.append(pd.DataFrame({"item": f"goodness_{source}", "x": distance, "value": p_value}))
    axes.axvline(DISTINCT, color=style.NEUTRAL_COLOR, linewidth=0.6)
    axes.set(xscale="log", yscale="log", ylim=(LEAST_P / 4, 4))
    axes.set_xlim(0.8 * DISTANCES[0], 1.25 * DISTANCES[1])
    axes.set(xlabel="distance from the model's nearest image (σ)", ylabel="goodness of fit, p")
    axes.legend(loc="lower left", title="called unexplained")
    return pd.concat(tables)
