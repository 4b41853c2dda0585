"""Block diagrams: boxes and arrows, and the layers of a network as its file holds them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from safetensors import safe_open

from moirespin.figures import style
from moirespin.io.damage import reading
from moirespin.learning.networks import read_record

BOX_COLOR = "#f2f2f2"
BAR_WIDTH = 0.16
LEGEND = "bars: lists of numbers, on a log scale\narrows: layers, with their weights and biases"


class Model(NamedTuple):
    """What a network's two files say about its form.

    Attributes:
        source: path of the weights.
        about: the JSON beside them.
        layers: one row per dense layer, as of `tabulate_layers`.
    """

    source: str
    about: dict
    layers: pd.DataFrame


def read_model(path: str, kind: str) -> Model:
    """Return the form of the network at `path` (safetensors), without loading its weights.

    Raises:
        ValueError: if a file is unreadable or the network is not of this kind, naming it.
    """
    about = read_record(path, kind)
    with reading(path), safe_open(path, framework="numpy") as file:
        stored = file.keys()
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in stored}
    return Model(path, about, tabulate_layers(shapes))


def tabulate_layers(shapes: dict[str, tuple[int, ...]]) -> pd.DataFrame:
    """Return the dense layers among named arrays.

    Args:
        shapes: shape of each array; a layer's are "<layer>/kernel/...", (inputs, outputs), and
            "<layer>/bias/...", (outputs,). Other arrays are no weights.

    Returns:
        Columns `layer`, `inputs`, `outputs`, `weights`, `biases`.
    """
    rows = []
    for name, shape in shapes.items():
        layer, found, _ = name.partition("/kernel")
        if found:
            biases = [n for other, n in shapes.items() if other.startswith(f"{layer}/bias")]
            counts = {"weights": np.prod(shape), "biases": sum(np.prod(n) for n in biases)}
            rows.append({"layer": layer, "inputs": shape[0], "outputs": shape[1], **counts})
    return pd.DataFrame(rows)


def chain(model: Model, names: list[str], inputs: int) -> pd.DataFrame:
    """Return the layers called `names`, which follow each other from `inputs` numbers on.

    Raises:
        ValueError: if a layer is missing or takes another number of inputs, naming the file.
    """
    layers = model.layers.set_index("layer", drop=False)
    for name in names:
        takes = layers["inputs"].get(name)
        if takes != inputs:
            raise ValueError(f"{model.source}: layer {name} takes {takes} numbers, {inputs} come")
        inputs = int(layers["outputs"][name])
    return layers.loc[names]


def draw_box(
    axes: Axes, centre: tuple, size: tuple, *, text: str = "", color: str = BOX_COLOR, **edge: Any
) -> None:
    """Draw a box of a width and height about its centre, all in inches, with text inside."""
    (x, y), (width, height) = centre, size
    corner = x - width / 2, y - height / 2
    shape = "round,pad=0,rounding_size=0.04"
    look = {"facecolor": color, "edgecolor": "black", "linewidth": 0.6} | edge
    axes.add_patch(FancyBboxPatch(corner, width, height, shape, **look))
    axes.text(x, y, text, ha="center", va="center")


def draw_arrow(axes: Axes, start: tuple, end: tuple) -> None:
    """Draw an arrow between two points."""
    look = {"arrowstyle": "-|>", "linewidth": 0.7, "color": "black", "mutation_scale": 7}
    axes.annotate("", end, start, arrowprops=look | {"shrinkA": 0, "shrinkB": 0})


def set_canvas(axes: Axes, width_in: float, height_in: float) -> None:
    """Make `axes` a sheet of paper measured in inches, without frame."""
    axes.set_axis_off()
    axes.set(xlim=(0, width_in), ylim=(0, height_in), aspect="equal")


def bar_height(numbers: int) -> float:
    """Return the height (inch) of the bar that stands for a list of numbers: logarithmic."""
    return 0.12 + 0.22 * np.log10(numbers)


def draw_list(axes: Axes, *, x: float, y: float, numbers: int, name: str, color: str) -> None:
    """Draw a list of numbers as a bar, its count above it and its name below."""
    half = bar_height(numbers) / 2
    draw_box(axes, (x, y), (BAR_WIDTH, 2 * half), color=color)
    axes.text(x, y + half + 0.05, f"{numbers:,}", ha="center", va="bottom", fontweight="bold")
    axes.text(x, y - half - 0.05, name, ha="center", va="top", fontsize="small")


def draw_image(axes: Axes, centre: tuple, side: float, *, pixels: int, layer: str) -> None:
    """Draw the square that stands for the image of a layer."""
    label, color = f"{layer}\n{pixels} × {pixels}", style.LAYER_COLORS[layer]
    draw_box(axes, centre, (side, side), text=label, color="white", edgecolor=color, linewidth=1.5)


def draw_step(axes: Axes, start: tuple, end: tuple, *, above: str, below: str = "") -> None:
    """Draw an arrow from bar to bar, with what it does above it and its weights below."""
    start, end = (
        (start[0] + BAR_WIDTH / 2 + 0.02, start[1]),
        (end[0] - BAR_WIDTH / 2 - 0.02, end[1]),
    )
    draw_arrow(axes, start, end)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    axes.text(x, y + 0.05, above, ha="center", va="bottom", fontsize="x-small")
    axes.text(x, y - 0.05, below, ha="center", va="top", fontsize="x-small")
