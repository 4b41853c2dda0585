"""Figure 8: generated against true images, and the image error along each parameter."""

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from moirespin.figures import panels, style
from moirespin.io import netcdf


def draw(
    images: xr.Dataset, scores: xr.Dataset, profiles: xr.Dataset
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 8.

    Args:
        images: dataset of schema `image_predictions`; only the shown samples are loaded.
        scores: dataset of schema `generator_scores` of the same samples in the same order.
        profiles: dataset of schema `profiles` with the quantities of the generator.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=6.8)
    left, right = figure.subfigures(1, 2, width_ratios=(2.05, 1))
    tables = []
    for maps, phase, panel in zip(left.subfigures(2, 1), ("NCD", "MD"), "ab", strict=True):
        sample = panels.find_typical(scores, phase)
        if sample is None:
            axes = maps.subplots()
            axes.set_axis_off()
            style.letter(axes, panel)
            style.say_empty(axes, f"no test sample in the {phase} phase")
            continue
        tables.append(_draw_sample(maps, images.isel(sample=sample).load(), phase, panel=panel))

    axes = right.subplots(3, 1)
    for column, parameter in enumerate(netcdf.PARAMETERS):
        panel = "cde"[column]
        tables.append(panels.draw_image_mae(axes[column], profiles, parameter, panel=panel))
        panels.draw_counts(axes[column], profiles, parameter, counts="count", label=True)
        axes[column].set_ylabel("MAE of $S^z$")
        style.letter(axes[column], panel)
    right.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure, pd.concat(tables)


def _draw_sample(maps: SubFigure, sample: xr.Dataset, phase: str, *, panel: str) -> pd.DataFrame:
    axes = maps.subplots(2, 3, sharex=True, sharey=True)
    difference = abs(sample["predicted"] - sample["true"])
    shown = {"true": sample["true"], "generated": sample["predicted"], "|difference|": difference}
    largest = float(difference.max())
    looks = [style.SPIN_COLORS] * 2 + [{"cmap": "magma_r", "vmin": 0, "vmax": largest}]
    edges = (*panels.find_edges(sample["x"].values), *panels.find_edges(sample["y"].values))
    for column, (name, image) in enumerate(shown.items()):
        for row, layer in enumerate(netcdf.LAYERS):
            axes[row, column].imshow(image.sel(layer=layer), extent=edges, **looks[column])
            _label_map(axes[row, column], row, column, layer=layer)
        axes[0, column].set_title(name)
    look = {"location": "bottom", "aspect": 30, "pad": 0.02}
    maps.colorbar(
        axes[0, 0].images[0],
        ax=axes[:, :2],
        shrink=0.6,
        label="$S^z$",
        ticks=style.SPIN_TICKS,
        **look,
    )
    maps.colorbar(axes[0, 2].images[0], ax=axes[:, 2], label=r"$|\Delta S^z|$", **look)
    style.letter(axes[0, 0], panel)
    theta, exchange, anisotropy = (float(sample[name]) for name in netcdf.PARAMETERS)
    maps.suptitle(
        rf"{phase}: $\theta$ = {theta:.2f}°, $J$ = {exchange:.2f} meV, $D$ = {anisotropy:.3f} meV,"
        f" MAE = {float(difference.mean()):.2g}",
        fontsize="medium",
    )
    table = xr.Dataset(
        {"true": sample["true"], "generated": sample["predicted"], "difference": difference}
    )
    pixels = table.reset_coords(drop=True).to_dataframe(["layer", "y", "x"]).reset_index()
    pixels = pixels.rename(columns={"x": "x_nm", "y": "y_nm"}).assign(phase=phase)
    pixels.insert(0, "panel", panel)
    return pixels


def _label_map(axes: Axes, row: int, column: int, *, layer: str) -> None:
    if row == 1:
        axes.set_xlabel("x (nm)")
    if column == 0:
        axes.set_ylabel(f"{layer} layer\ny (nm)")
