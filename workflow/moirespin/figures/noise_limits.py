"""Networks, inference and the information bound under noise: the median error of theta, J and D."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf

TESTED = dict(
    zip(netcdf.PARAMETERS, ("twist_angle_deg", "exchange_mev", "anisotropy_mev"), strict=True)
)
# The median of |x| of a Gaussian of deviation 1.
GAUSSIAN_MEDIAN = 0.6745
# Images without noise stand this far (dB) beside the cleanest level.
GAP_DB = 12.0
LOOKS = {
    "paper's networks": {"color": "#999999", "marker": "s"},
    "joint network": {"color": style.JOINT_COLOR, "marker": "^"},
    "inference": {"color": "#0072b2", "marker": "o"},
    "bound": {"color": style.NEUTRAL_COLOR, "marker": "", "linestyle": "--"},
}


def draw(
    *,
    paper: xr.Dataset,
    paper_clean: xr.Dataset,
    joint: xr.Dataset,
    joint_clean: xr.Dataset,
    readings: pd.DataFrame,
) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        paper: what the paper's networks make of noisy images, schema `snr_scores`.
        paper_clean: and of images without noise, schema `parameter_predictions`.
        joint: what the joint network makes of noisy images.
        joint_clean: and of images without noise.
        readings: table of the rule `noise_limits`.

    Returns:
        Figure and plotted numbers: median absolute errors in percent.
    """
    figure = style.new_figure(height_in=3.1)
    axes = figure.subplots(1, 3)
    drawn = []
    for own, parameter, name in zip(axes, TESTED, "abc", strict=True):
        errors = {
            "paper's networks": _of_networks(paper, paper_clean, parameter),
            "joint network": _of_networks(joint, joint_clean, parameter),
            "inference": _of_inference(readings, parameter),
            "bound": _of_bound(readings, parameter),
        }
        drawn += [
            table.assign(item=item, parameter=parameter, panel=name)
            for item, table in errors.items()
        ]
        _draw_errors(own, errors)
        style.letter(own, name)
        own.set_ylabel(f"median error of {style.SYMBOLS[parameter]} (%)")
    handles, _ = axes[0].get_legend_handles_labels()
    panels.add_legend(figure, handles, loc="outside upper center", ncols=len(handles))
    table = pd.concat(drawn, ignore_index=True)
    return figure, table[["panel", "parameter", "item", "snr_db", "median", "lower", "upper"]]


def _quartiles(errors: pd.Series, levels: pd.Series) -> pd.DataFrame:
    """Return median and quartiles of errors at each level, clean images first."""
    parts = errors.groupby(levels).quantile([0.25, 0.5, 0.75]).unstack()
    parts.columns = ["lower", "median", "upper"]
    return parts.rename_axis("snr_db").reset_index().sort_values("snr_db", ascending=False)


def _of_networks(noisy: xr.Dataset, clean: xr.Dataset, parameter: str) -> pd.DataFrame:
    parts = []
    for level, source in [
        *((float(snr), noisy.isel(snr=n)) for n, snr in enumerate(noisy["snr"].values)),
        (np.inf, clean),
    ]:
        true = source["true"].sel(parameter=parameter).values
        away = np.abs(source["predicted"].sel(parameter=parameter).values / true - 1)
        parts.append(pd.DataFrame({"error": 100 * away, "level": level}))
    table = pd.concat(parts)
    return _quartiles(table["error"], table["level"])


def _of_inference(readings: pd.DataFrame, parameter: str) -> pd.DataFrame:
    name = TESTED[parameter]
    # An image from which nothing was read has no estimate: its error counts as all of the value.
    away = 100 * (readings[f"{name}_error"] / readings[name]).abs().fillna(1.0)
    return _quartiles(away, readings["snr_db"])


def _of_bound(readings: pd.DataFrame, parameter: str) -> pd.DataFrame:
    name = TESTED[parameter]
    noisy = readings[np.isfinite(readings["snr_db"])]
    bound = 100 * GAUSSIAN_MEDIAN * noisy[f"{name}_posed_bound"] / noisy[name]
    return _quartiles(bound, noisy["snr_db"])


def _draw_errors(axes: Axes, errors: dict[str, pd.DataFrame]) -> None:
    noisy = [level for table in errors.values() for level in table["snr_db"] if np.isfinite(level)]
    beside = max(noisy) + GAP_DB
    for item, table in errors.items():
        look = {"linestyle": "-", "markersize": 3.5} | LOOKS[item]
        finite = table[np.isfinite(table["snr_db"])]
        axes.plot(finite["snr_db"], finite["median"], label=item, **look)
        if item == "inference":
            axes.fill_between(
                finite["snr_db"],
                finite["lower"],
                finite["upper"],
                color=look["color"],
                alpha=0.2,
                linewidth=0,
            )
        clean = table[~np.isfinite(table["snr_db"])]
        axes.plot(np.full(len(clean), beside), clean["median"], **look | {"linestyle": ""})
    ticks = np.unique([level for level in noisy if level % 10 == 0])
    axes.set_xticks([*ticks, beside], [*(f"{tick:g}" for tick in ticks), "∞"])
    axes.set(yscale="log", xlabel="SNR (dB), noisier →")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.invert_xaxis()
