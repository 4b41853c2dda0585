"""Figure 1: the two tasks, with one test sample and what the networks make of it."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from moirespin.figures import blocks, panels, style
from moirespin.io import netcdf
from moirespin.learning.metrics import percentage_error

FORMATS = {"twist_angle": "{:.3f}°", "exchange": "{:.2f} meV", "anisotropy": "{:.3f} meV"}
# The sample is taken from the first of these phases that has any: domains show most.
PREFERRED = ("MD", "NCD")
# Widths of images, network and text, in units of an image's width.
WIDTHS_OF_ESTIMATION = (1, 1, 1.2, 3.2)
WIDTHS_OF_GENERATION = (1.2, 1.2, 1, 1, 1, 1)


def draw(
    samples: xr.Dataset, estimates: xr.Dataset, images: xr.Dataset
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 1.

    Args:
        samples: dataset of schema `dataset`; only the shown sample is loaded.
        estimates: dataset of schema `parameter_predictions`.
        images: dataset of schema `image_predictions`; only the shown sample is loaded.

    Returns:
        Figure and plotted numbers.
    """
    number = find_example(estimates)
    estimate = estimates.isel(sample=number)
    name = int(estimate["twist_index"]), int(estimate["set_number"])
    full, generated = (panels.find_sample(each, *name).load() for each in (samples, images))

    figure = style.new_figure(height_in=3.0)
    upper, lower = figure.subfigures(2, 1)
    first = upper.subplots(1, 4, width_ratios=WIDTHS_OF_ESTIMATION)
    tables = [
        _draw_images(first[:2], full["image"], full, name="input", panel="a"),
        _draw_estimates(first[3], estimate),
    ]
    for axes in first[:2]:
        _frame_quadrant(axes, full)
    _draw_network(first[2], "regression\nnetworks")
    style.letter(first[0], "a")

    second = lower.subplots(1, 6, width_ratios=WIDTHS_OF_GENERATION)
    _list_parameters(second[0], estimate)
    _draw_network(second[1], "generative\nnetwork")
    tables.append(
        _draw_images(second[2:4], generated["predicted"], generated, name="generated", panel="b")
    )
    tables.append(_draw_images(second[4:], generated["true"], generated, name="true", panel="b"))
    style.letter(second[0], "b")
    for axes in (first[0], second[2]):
        axes.tick_params(labelleft=True)
        axes.set_ylabel("y (nm)")
    for axes, width in zip(
        (*first, *second), WIDTHS_OF_ESTIMATION + WIDTHS_OF_GENERATION, strict=True
    ):
        # Diagrams and text as high as the images.
        axes.set_box_aspect(1 / width)
    look = {"aspect": 14, "shrink": 0.7, "pad": 0.01}
    lower.colorbar(second[-1].images[0], ax=second, label="$S^z$", ticks=style.SPIN_TICKS, **look)
    return figure, pd.concat(tables)


def find_example(estimates: xr.Dataset) -> int:
    """Return the sample whose mean percentage error of theta, J and D is the median of its phase.

    The phase is MD, or NCD where no sample is MD. Of an even number of samples the better of the
    middle two is taken.
    """
    error = percentage_error(estimates["predicted"].values, estimates["true"].values).mean(axis=1)
    names = panels.name_phases(estimates["phase"])
    members = next(np.flatnonzero(names == name) for name in PREFERRED if (names == name).any())
    return int(members[np.argsort(error[members], kind="stable")[(members.size - 1) // 2]])


def _draw_images(
    axes: np.ndarray, image: xr.DataArray, sample: xr.Dataset, *, name: str, panel: str
) -> pd.DataFrame:
    """Draw the images of both layers."""
    edges = (*panels.find_edges(sample["x"].values), *panels.find_edges(sample["y"].values))
    for here, layer in zip(axes, netcdf.LAYERS, strict=True):
        here.imshow(image.sel(layer=layer), extent=edges, **style.SPIN_COLORS)
        here.set_title(f"{name}, {layer}", fontsize="small")
        here.set_xlabel("x (nm)")
        here.tick_params(labelleft=False)
    pixels = image.rename("spin_z").reset_coords(drop=True).to_dataframe().reset_index()
    pixels = pixels.rename(columns={"x": "x_nm", "y": "y_nm"})
    return pixels.assign(panel=panel, item=name)


def _frame_quadrant(axes: Axes, sample: xr.Dataset) -> None:
    """Frame what the regression networks see: the quadrant x > 0, y > 0."""
    x, y = (panels.find_edges(sample[name].values)[1] for name in "xy")
    # Black on white, to be seen on every colour.
    for look in ({"edgecolor": "white"}, {"edgecolor": "black", "linestyle": "--"}):
        axes.add_patch(Rectangle((0, 0), x, y, fill=False, linewidth=1.2, **look))


def _draw_network(axes: Axes, name: str) -> None:
    """Draw a network between what goes in on its left and what comes out on its right."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    blocks.draw_arrow(axes, (0, 0.5), (0.15, 0.5))
    blocks.draw_box(axes, (0.5, 0.5), (0.68, 0.5), text=name)
    blocks.draw_arrow(axes, (0.85, 0.5), (1, 0.5))


def _list_parameters(axes: Axes, estimate: xr.Dataset) -> None:
    axes.set_axis_off()
    for row, name in enumerate(netcdf.PARAMETERS):
        text = f"{style.SYMBOLS[name]} = {FORMATS[name].format(float(estimate['true'][row]))}"
        axes.text(0.5, 0.75 - 0.25 * row, text, ha="center", va="center")


def _draw_estimates(axes: Axes, estimate: xr.Dataset) -> pd.DataFrame:
    """Write the estimates beside the truth."""
    axes.set_axis_off()
    true, predicted = estimate["true"].values, estimate["predicted"].values
    error = percentage_error(predicted, true)
    columns = (0.14, 0.4, 0.64, 0.87)
    phase = str(panels.name_phases(estimate["phase"]))
    for x, title in zip(columns, (f"{phase} sample", "estimated", "true", "error"), strict=True):
        axes.text(x, 0.85, title, ha="center", va="center")
    for row, name in enumerate(netcdf.PARAMETERS):
        y = 0.62 - 0.22 * row
        number = FORMATS[name].format
        texts = (style.SYMBOLS[name], number(predicted[row]), number(true[row]))
        for x, text in zip(columns, (*texts, f"{error[row]:.1f} %"), strict=True):
            axes.text(x, y, text, ha="center", va="center")
    about = {name: int(estimate[name]) for name in ("twist_index", "set_number")}
    return pd.DataFrame(
        {"panel": "a", "item": "estimate", "parameter": netcdf.PARAMETERS, "phase": phase}
        | about
        | {"unit": [style.UNITS[name] for name in netcdf.PARAMETERS]}
        | {"true": true, "predicted": predicted, "percentage_error": error}
    )
