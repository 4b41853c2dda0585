"""Figure 5: principal components of the errors of the three estimated parameters."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import netcdf

PAIRS = {
    "a": ("twist_angle", "exchange"),
    "b": ("twist_angle", "anisotropy"),
    "c": ("exchange", "anisotropy"),
}
ERROR_SYMBOLS = {
    "twist_angle": r"$\varepsilon_\theta$",
    "exchange": r"$\varepsilon_J$",
    "anisotropy": r"$\varepsilon_D$",
}
LINE_STYLES = ("-", "--", ":")
# Weight in the first axis from which an error counts as part of it; the weights' squares sum to 1.
SIZEABLE_WEIGHT = 0.2
# Points beyond this quantile of |error| may fall outside the panels: a few outliers would
# otherwise squeeze the cloud into a dot.
SHOWN_QUANTILE = 0.995


def draw(scores: xr.Dataset, pca: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 5.

    Args:
        scores: dataset of schema `regression_scores`.
        pca: dataset of schema `error_pca`.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=3.6)
    axes = figure.subplot_mosaic("accd;bccd", width_ratios=(1.25, 1, 1, 1.25))
    phase = panels.name_phases(scores["phase"])
    errors = {name: scores["error"].sel(parameter=name).values for name in netcdf.PARAMETERS}
    largest = np.quantile(np.abs(scores["error"]), SHOWN_QUANTILE)
    limit = 1.1 * largest if largest > 0 else 1.0
    for panel, (x, y) in PAIRS.items():
        panels.scatter_phases(axes[panel], errors[x], errors[y], phase=phase)
        axes[panel].axhline(0, color=style.NEUTRAL_COLOR, linewidth=0.4, zorder=0)
        axes[panel].axvline(0, color=style.NEUTRAL_COLOR, linewidth=0.4, zorder=0)
        axes[panel].set(xlim=(-limit, limit), ylim=(-limit, limit), box_aspect=1)
        axes[panel].set(xlabel=ERROR_SYMBOLS[x], ylabel=ERROR_SYMBOLS[y])
        axes[panel].locator_params(nbins=5)
        outside = int(np.sum(np.maximum(np.abs(errors[x]), np.abs(errors[y])) > limit))
        if outside:
            axes[panel].set_title(f"{outside} outside", loc="right", color="#777777")
        style.letter(axes[panel], panel)
    for panel in "ab":
        axes[panel].locator_params(nbins=4)
    _draw_principal_axes(axes["c"], pca)
    # The upper edge keeps the letters of the panels in one line.
    axes["c"].set_anchor("N")
    handles, _ = axes["c"].get_legend_handles_labels()
    panels.add_legend(figure, handles, loc="outside lower center", ncols=len(handles))
    ratios = _draw_ratios(axes["d"], pca)
    figure.suptitle(describe_first_axis(pca), fontsize="medium")

    cloud = pd.DataFrame(
        {"panel": "a-c", "phase": phase}
        | {f"error_{name}": values for name, values in errors.items()}
    )
    return figure, pd.concat([cloud, ratios])


def describe_first_axis(pca: xr.Dataset) -> str:
    """Return the share of the first principal axis and its direction in words, as in eq. (11)."""
    first = pca.isel(rank=0)
    share, low, high = (
        100 * float(first[name]) for name in ("variance_ratio", "ratio_lower", "ratio_upper")
    )
    words = f"PC1 carries {share:.0f} % of the variance (95 %: {low:.0f} to {high:.0f})"
    weight = pca["component"].isel(rank=0)
    exchange, anisotropy = (float(weight.sel(parameter=name)) for name in PAIRS["c"])
    # A relation of J and D is only worth stating where the axis has a sizeable part of both.
    tied = min(abs(exchange), abs(anisotropy)) > SIZEABLE_WEIGHT
    if not tied:
        name = netcdf.PARAMETERS[int(np.abs(weight.values).argmax())]
        return f"{words}; it is mostly {ERROR_SYMBOLS[name]}"
    ratio = anisotropy / exchange
    number = f"{ratio:.2f}".replace("-", "−")
    relation = f"{ERROR_SYMBOLS['anisotropy']} = {number} {ERROR_SYMBOLS['exchange']}"
    signs = "the same sign" if ratio > 0 else "opposite signs"
    return f"{words}; along it {relation}, {signs}"


def _draw_principal_axes(axes: Axes, pca: xr.Dataset) -> None:
    """Draw the projections of the principal axes on the (J, D) plane, two deviations long."""
    component = pca["component"].values
    variance = np.einsum("ri,ij,rj->r", component, pca["covariance"].values, component)
    projected = pca["component"].sel(parameter=list(PAIRS["c"])).values
    centre = pca["mean_error"].sel(parameter=list(PAIRS["c"])).values
    for rank, direction in enumerate(projected):
        reach = 2 * np.sqrt(max(variance[rank], 0)) * direction
        x, y = np.transpose([centre - reach, centre + reach])
        axes.plot(
            x, y, LINE_STYLES[rank], color="black", linewidth=1.4, label=f"PC{rank + 1} (±2σ)"
        )


def _draw_ratios(axes: Axes, pca: xr.Dataset) -> pd.DataFrame:
    ratio = pca["variance_ratio"].values
    lower, upper = pca["ratio_lower"].values, pca["ratio_upper"].values
    names = [f"PC{rank + 1}" for rank in range(len(ratio))]
    axes.bar(
        names,
        100 * ratio,
        # A bootstrap interval need not hold the estimate.
        yerr=100 * np.maximum([ratio - lower, upper - ratio], 0),
        color="#bbbbbb",
        ecolor=style.NEUTRAL_COLOR,
        capsize=2.5,
        error_kw={"linewidth": 0.8},
    )
    for place, (value, top) in enumerate(zip(ratio, np.maximum(ratio, upper), strict=True)):
        # A bar of a percent is hardly seen: its number is.
        axes.annotate(
            f"{100 * value:.2g} %",
            (place, 100 * top),
            (0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
        )
    trimmed = pca["trimmed_ratio"].values
    look = {"marker": "D", "mfc": "white", "color": "black", "linestyle": "", "zorder": 3}
    axes.plot(names, 100 * trimmed, **look, markersize=4, label="without the largest 5 %")
    axes.legend(loc="upper right", fontsize="small", handletextpad=0.2)
    axes.set(xlabel="principal component", ylabel="share of the variance (%)", ylim=(0, 118))
    style.letter(axes, "d")
    return pd.DataFrame(
        {
            "panel": "d",
            "component": names,
            "variance_ratio": ratio,
            "ratio_lower": lower,
            "ratio_upper": upper,
            "trimmed_ratio": trimmed,
        }
        | {
            f"weight_{name}": pca["component"].sel(parameter=name).values
            for name in netcdf.PARAMETERS
        }
    )
