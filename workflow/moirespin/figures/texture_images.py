"""Two generators beside each other: the paper's, which draws pixels, and the texture model."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, SubFigure

from moirespin.figures import panels, style
from moirespin.io import netcdf

# Errors below this are drawn at it.
LEAST_ERROR = 1e-6


def draw(
    images: xr.Dataset, textures: xr.Dataset, *, scores: xr.Dataset, texture_scores: xr.Dataset
) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        images: schema `image_predictions`, of the paper's generator.
        textures: the same, of the texture model.
        scores: schema `generator_scores`, of the paper's generator.
        texture_scores: the same, of the texture model.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=6.4)
    upper, lower = figure.subfigures(2, 1, height_ratios=(2.3, 1))
    tables = []
    for maps, phase, name in zip(upper.subfigures(2, 1), ("NCD", "MD"), "ab", strict=True):
        sample = panels.find_typical(scores, phase)
        if sample is None:
            axes = maps.subplots()
            axes.set_axis_off()
            style.letter(axes, name)
            style.say_empty(axes, f"no test sample in the {phase} phase")
            continue
        tables.append(_draw_sample(maps, [images, textures], sample, phase=phase, name=name))
    curves, beside = lower.subfigures(1, 2, width_ratios=(2, 1))
    panels_of_phases = curves.subplots(1, 2, sharey=True)
    for axes, phase, name in zip(panels_of_phases, ("NCD", "MD"), "cd", strict=True):
        tables.append(_draw_errors(axes, [scores, texture_scores], phase))
        style.letter(axes, name)
        axes.set(title=phase, xlabel=r"mean $|\Delta S^z|$ of a test image")
    panels_of_phases[0].set_ylabel("share of test images below")
    tables.append(_draw_map(beside, texture_scores))
    return figure, pd.concat(tables, ignore_index=True)


def _draw_sample(
    maps: SubFigure, predictions: list[xr.Dataset], sample: int, *, phase: str, name: str
) -> pd.DataFrame:
    """Draw the top layer of one sample: truth, both generators, and both differences."""
    chosen = [dataset.isel(sample=sample).load() for dataset in predictions]
    true = chosen[0]["true"].sel(layer="top")
    drawn = [one["predicted"].sel(layer="top") for one in chosen]
    misses = [abs(image - true) for image in drawn]
    largest = float(misses[0].max())
    shown = [("relaxed", true), *zip(style.GENERATOR_COLORS, drawn, strict=True)]
    shown += [
        (f"|difference|,\n{who}", miss)
        for who, miss in zip(style.GENERATOR_COLORS, misses, strict=True)
    ]
    look_of_misses = {"cmap": "magma_r", "vmin": 0, "vmax": largest}
    axes = maps.subplots(1, 5, sharex=True, sharey=True)
    edges = (*panels.find_edges(true["x"].values), *panels.find_edges(true["y"].values))
    for place, (own, (title, image)) in enumerate(zip(axes, shown, strict=True)):
        look = style.SPIN_COLORS if place < 3 else look_of_misses
        own.imshow(image, extent=edges, **look)
        own.set_title(title, fontsize="small", y=1.0)
        own.set_xlabel("x (nm)")
    axes[0].set_ylabel("y (nm)")
    maps.colorbar(axes[2].images[0], ax=axes[:3], label="$S^z$", ticks=style.SPIN_TICKS, shrink=0.7)
    maps.colorbar(axes[4].images[0], ax=axes[3:], label=r"$|\Delta S^z|$", shrink=0.7)
    theta, exchange, anisotropy = (float(chosen[0][key]) for key in netcdf.PARAMETERS)
    maps.suptitle(
        rf"({name}) {phase}, top layer: $\theta$ = {theta:.2f}°, $J$ = {exchange:.2f} meV,"
        rf" $D$ = {anisotropy:.3f} meV",
        fontsize="medium",
    )
    means = [float(miss.mean()) for miss in misses]
    item = f"{phase} sample, top layer"
    return pd.DataFrame(
        {"item": item, "generator": list(style.GENERATOR_COLORS), "mean_error": means}
    )


def _draw_map(figure: SubFigure, scores: xr.Dataset) -> pd.DataFrame:
    """Draw the texture model's error of each test image over J theta^2 and D."""
    axes = figure.subplots()
    style.letter(axes, "e")
    scaled = scores["exchange"].values * scores["twist_angle"].values ** 2
    anisotropy, errors = scores["anisotropy"].values, scores["mae"].mean("layer").values
    order = np.argsort(errors)
    points = axes.scatter(
        scaled[order],
        anisotropy[order],
        c=np.maximum(errors[order], LEAST_ERROR),
        norm=LogNorm(),
        cmap="magma_r",
        edgecolors=style.NEUTRAL_COLOR,
        linewidths=0.2,
        s=9,
    )
    axes.set(
        xlabel=r"$J\theta^2$ (meV deg$^2$)",
        ylabel=style.LABELS["anisotropy"],
        xscale="log",
        title="texture model",
    )
    figure.colorbar(points, ax=axes, label=r"mean $|\Delta S^z|$")
    return pd.DataFrame(
        {
            "item": "map of errors",
            "generator": "texture model",
            "mean_error": errors,
            "scaled": scaled,
            "anisotropy": anisotropy,
        }
    )


def _draw_errors(axes: Axes, scores: list[xr.Dataset], phase: str) -> pd.DataFrame:
    """Draw the cumulative distribution of the error of test images of one phase."""
    tables = []
    for own, (who, color) in zip(scores, style.GENERATOR_COLORS.items(), strict=True):
        chosen = own["phase"].values == netcdf.PHASES.index(phase)
        errors = np.sort(own["mae"].mean("layer").values[chosen])
        if not len(errors):
            continue
        shares = np.arange(1, len(errors) + 1) / len(errors)
        label = f"{who}, mean {errors.mean():.2g}"
        axes.step(np.maximum(errors, LEAST_ERROR), shares, where="post", color=color, label=label)
        rows = {"item": f"{phase} errors", "generator": who, "mean_error": errors, "share": shares}
        tables.append(pd.DataFrame(rows))
    # Room for the legend above the curves.
    axes.set(xscale="log", ylim=(0, 1.45), yticks=[0, 0.5, 1])
    if not tables:
        style.say_empty(axes, f"no test sample in the {phase} phase")
        return pd.DataFrame()
    axes.legend(loc="upper left", fontsize="small")
    return pd.concat(tables)
