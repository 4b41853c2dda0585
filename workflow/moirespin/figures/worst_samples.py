"""The test samples with the largest errors, beside their nearest training samples."""

import matplotlib.cm
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from moirespin.figures import panels, style
from moirespin.io import packed_images
from moirespin.io.netcdf import LAYERS

TASKS = {"theta": r"largest errors of $\theta$", "J": "of $J$", "D": "of $D$"}
TASKS |= {"images": "of generated images"}
# So many samples are shown for each task.
SHOWN = 3
CAUSES_IN_LINE = 2
# Both are in shares of the figure's width and height.
MARGINS = {"left": 0.01, "right": 0.99, "top": 0.94, "bottom": 0.13, "hspace": 0.78, "wspace": 0.06}
# Near the FM-NCD line S^z hardly differs from 1: what it lacks to that is drawn, from the step of
# the stored images on.
DEPARTURE_ENDS = (3e-5, 2.0)
DEPARTURE_COLORS = {"cmap": "viridis", "norm": LogNorm(*DEPARTURE_ENDS)}
BARS: tuple[tuple[tuple, dict, str], ...] = (
    ((0.06, 0.045, 0.4, 0.012), DEPARTURE_COLORS, "(a–c) $1 - S^z$"),
    ((0.54, 0.045, 0.4, 0.012), style.SPIN_COLORS, "(d) $S^z$"),
)


def draw(
    worst: pd.DataFrame, samples: xr.Dataset, images: xr.Dataset
) -> tuple[Figure, pd.DataFrame]:
    """Draw the worst samples of each task.

    Args:
        worst: table of `worst_samples.list_worst`.
        samples: schema `dataset`, from `packed_images.opened`; only the shown samples are loaded.
        images: schema `image_predictions`, likewise.

    Returns:
        Figure and the table's rows that are drawn, with the layer that is shown.
    """
    figure = style.new_figure(height_in=7.4)
    # Placed by hand: the text below a pair must not widen it.
    figure.set_layout_engine("none")
    edges = (*panels.find_edges(samples["x"].values), *panels.find_edges(samples["y"].values))
    places = figure.add_gridspec(len(TASKS), SHOWN, **MARGINS)
    drawn = []
    for line, (letter, task) in enumerate(zip("abcd", TASKS, strict=True)):
        pairs = [places[line, column].subgridspec(1, 2, wspace=0.05) for column in range(SHOWN)]
        axes = np.concatenate([pair.subplots() for pair in pairs])
        rows = worst[worst["task"] == task].head(SHOWN)
        for number, (_, row) in enumerate(rows.iterrows()):
            pair = _pair(row, samples, images)
            layer = int(np.argmax(pair["test sample"].std(axis=(1, 2))))
            both = axes[2 * number : 2 * number + 2]
            _draw_pair(both, {name: pair[name][layer] for name in pair}, edges, task=task)
            _describe(both[0], row)
            drawn.append(row.to_frame().T.assign(panel=letter, layer=LAYERS[layer]))
        for here in axes[2 * len(rows) :]:
            here.set_axis_off()
        axes[0].annotate(
            f"({letter}) {TASKS[task]}",
            (0, 1.16),
            xycoords="axes fraction",
            fontsize="medium",
            fontweight="bold",
        )
    for place, look, label in BARS:
        scale = matplotlib.cm.ScalarMappable(look["norm"], look["cmap"])
        bar = figure.colorbar(scale, cax=figure.add_axes(place), orientation="horizontal")
        bar.set_label(label)
    bar.set_ticks(style.SPIN_TICKS)
    return figure, pd.concat(drawn, ignore_index=True)


def _pair(row: pd.Series, samples: xr.Dataset, images: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the sample's images and what they are set beside, each (layer, y, x)."""
    own = int(row["twist_index"]), int(row["set_number"])
    if row["task"] == "images":
        found = panels.find_sample(images, *own)
        return {"test sample": _load(found["true"]), "generated": _load(found["predicted"])}
    nearest = samples["image"].isel(sample=int(row["neighbour_row"]))
    return {
        "test sample": _load(panels.find_sample(samples, *own)["image"]),
        "nearest in training": _load(nearest),
    }


def _load(image: xr.DataArray) -> np.ndarray:
    return packed_images.unpack(packed_images.load(image))


def _draw_pair(axes: np.ndarray, pair: dict[str, np.ndarray], edges: tuple, *, task: str) -> None:
    for here, (name, image) in zip(axes, pair.items(), strict=True):
        if task == "images":
            here.imshow(image, extent=edges, **style.SPIN_COLORS)
        else:
            here.imshow(np.maximum(1 - image, DEPARTURE_ENDS[0]), extent=edges, **DEPARTURE_COLORS)
        here.set(xticks=[], yticks=[])
        here.set_title(name, fontsize="x-small", pad=2)


def _describe(axes: Axes, row: pd.Series) -> None:
    """Write below a pair, whose left image is in `axes`, what it is and why it is hard."""
    unit = "" if row["task"] == "images" else " %"
    error = f"error {_short(row['error'])}{unit}"
    if np.isfinite(row["joint_error"]):
        error += f", joint network {_short(row['joint_error'])}{unit}"
    causes = row["causes"].split("; ")
    lines = [
        rf"$\theta$ {row['twist_angle']:.2f}°, $J$ {row['exchange']:.2f},"
        rf" $D$ {row['anisotropy']:.3f} meV, {row['phase']}",
        error,
        # Every sample gets the same number of lines, so that rows are equally high.
        "; ".join(causes[:CAUSES_IN_LINE]),
        "; ".join(causes[CAUSES_IN_LINE:]) or " ",
    ]
    axes.annotate(
        "\n".join(lines), (0, -0.04), xycoords="axes fraction", va="top", fontsize="x-small"
    )


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
