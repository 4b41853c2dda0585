"""Figure 7: estimated parameters from noisy images, beside what the images allow."""

from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from moirespin.analysis.noise_bounds import MEDIAN_OF_SIZE
from moirespin.figures import panels, style
from moirespin.io import netcdf
from moirespin.states.parameter_space import SYMBOLS

PAPER_LOOK = {"marker": "o", "linestyle": "-"}
JOINT_LOOK = {"marker": "s", "markersize": 3, "linestyle": "-", "color": style.JOINT_COLOR}
BOUND_LOOK = {"linestyle": "--", "color": "black", "linewidth": 1}


def draw(
    scores: xr.Dataset, noise: pd.DataFrame, *, snr_db: Sequence[float]
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 7.

    Args:
        scores: dataset of schema `snr_scores`, of the paper's networks.
        noise: table of `noise_bounds.compare_with_bound`.
        snr_db: signal-to-noise ratios (dB) of the scatter panels; of each, the nearest level that
            the scores hold is drawn.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=6.6)
    axes = figure.subplots(3, 3, height_ratios=(1.1, 1, 0.9))
    levels = scores["snr"].values
    nearest = {int(np.abs(levels - wanted).argmin()) for wanted in snr_db}
    # The cleanest level is drawn last: it covers the least.
    shown = scores.isel(snr=sorted(nearest, key=lambda index: levels[index]))
    tables = []
    for column, parameter in enumerate(netcdf.PARAMETERS):
        upper, middle, lower = axes[:, column]
        middle.sharex(lower)
        tables.append(_draw_estimates(upper, shown, parameter, panel="abc"[column]))
        own = noise[noise["parameter"] == SYMBOLS[parameter]].sort_values("snr_db")
        tables.append(_draw_error(middle, own, parameter, panel="def"[column]))
        tables.append(_draw_ratio(lower, own, parameter, panel="ghi"[column]))
    _add_scales(axes[1], noise)
    handles, _ = axes[0, 0].get_legend_handles_labels()
    panels.add_legend(
        figure,
        handles[::-1],
        loc="outside upper center",
        ncols=len(handles),
        title="signal-to-noise ratio",
    )
    looks: dict[str, dict] = {
        "the paper's network": PAPER_LOOK,
        "joint network": JOINT_LOOK,
        "bound": BOUND_LOOK,
    }
    handles = [Line2D([], [], **{"color": "black"} | look, label=n) for n, look in looks.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
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


def _draw_error(axes: Axes, own: pd.DataFrame, parameter: str, *, panel: str) -> pd.DataFrame:
    """Draw the error of both networks against the noise, and what the images allow."""
    levels = own["snr_db"]
    axes.plot(levels, own["paper"], color=style.PARAMETER_COLORS[parameter], **PAPER_LOOK)
    axes.plot(levels, own["joint"], **JOINT_LOOK)
    axes.plot(levels, own["bound"], **BOUND_LOOK)
    _label_levels(axes, f"MAPE of {style.SYMBOLS[parameter]} (%)", panel)
    axes.yaxis.set_major_locator(LogLocator(subs=(1,)))
    axes.set_xlabel("")
    columns = {"snr_db": levels, "mape": own["paper"], "mape_joint": own["joint"]}
    return pd.DataFrame(
        {"panel": panel, "parameter": parameter} | columns | {"mape_bound": own["bound"]}
    )


def _draw_ratio(axes: Axes, own: pd.DataFrame, parameter: str, *, panel: str) -> pd.DataFrame:
    """Draw how far typical errors lie above the bound."""
    color = style.PARAMETER_COLORS[parameter]
    axes.plot(own["snr_db"], own["paper_over_bound"], color=color, **PAPER_LOOK)
    axes.plot(own["snr_db"], own["joint_over_bound"], **JOINT_LOOK)
    axes.axhline(MEDIAN_OF_SIZE, **BOUND_LOOK)
    _label_levels(axes, f"median |error of {style.SYMBOLS[parameter]}| / bound", panel)
    columns = {"paper_over_bound": own["paper_over_bound"]}
    columns |= {"joint_over_bound": own["joint_over_bound"], "bounded": own["bounded"]}
    return pd.DataFrame({"panel": panel, "parameter": parameter, "snr_db": own["snr_db"]} | columns)


def _label_levels(axes: Axes, label: str, panel: str) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    levels = axes.lines[0].get_xdata()
    axes.set_xlim(max(levels) + 2, min(levels) - 2)
    axes.set(xlabel="SNR (dB), noisier →", ylabel=label)
    style.letter(axes, panel)


def _add_scales(axes: np.ndarray, noise: pd.DataFrame) -> None:
    """Add the noise's deviation above the left panel and the contrast's SNR above the middle one.

    Both are medians over the test samples, and follow from the SNR by a factor and a shift.
    """
    first = noise.iloc[0]
    factor = first["sigma"] * 10 ** (first["snr_db"] / 20)
    shift = first["contrast_snr_db"] - first["snr_db"]
    deviation = axes[0].secondary_xaxis(
        "top", functions=(lambda db: factor * 10 ** (-db / 20), lambda s: -20 * _log10(s / factor))
    )
    deviation.set_xticks([0.01, 0.1, 1.0], labels=["0.01", "0.1", "1"])
    deviation.set_xlabel("σ of the noise ($S^z$)", fontsize="small")
    contrast = axes[1].secondary_xaxis(
        "top", functions=(lambda db: db + shift, lambda db: db - shift)
    )
    contrast.set_xlabel("SNR of the contrast (dB)", fontsize="small")


def _log10(values: np.ndarray) -> np.ndarray:
    # The axis is asked for places beyond its ends, too.
    return np.log10(np.maximum(values, 1e-6))
