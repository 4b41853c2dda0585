"""Figure 12: the network that reads a parameter from two images, as it was trained."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import blocks, style
from moirespin.figures.blocks import Model
from moirespin.io import netcdf

HEIGHT_IN = 3.0
LEVELS = {"top": 2.2, "bottom": 0.8}
MIDDLE = 1.5
IMAGE_IN = 0.62
# Images and lists of numbers are so many inches from the left.
IMAGE_AT = 0.5
LISTS_AT = (1.4, 2.25, 3.1, 4.0, 4.9, 5.75, 6.55)


def draw(**weights: str) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 12 from the files of the network of each of `netcdf.PARAMETERS`."""
    return draw_networks(
        {name: blocks.read_model(path, "regressor") for name, path in weights.items()}
    )


def draw_networks(networks: dict[str, Model]) -> tuple[Figure, pd.DataFrame]:
    """Draw the form that networks share.

    Args:
        networks: the network of each of `netcdf.PARAMETERS`, all of one form.

    Returns:
        Figure and plotted numbers.

    Raises:
        ValueError: if the networks differ in form or a layer does not fit the next.
    """
    first = next(iter(networks.values()))
    for model in networks.values():
        if not model.layers.equals(first.layers):
            raise ValueError(f"{model.source} has other layers than {first.source}")
    figure = style.new_figure(height_in=HEIGHT_IN)
    axes = figure.subplots()
    blocks.set_canvas(axes, style.WIDTH_IN, HEIGHT_IN)
    _draw_network(axes, first)
    total = int(first.layers[["weights", "biases"]].to_numpy().sum())
    axes.text(
        *(style.WIDTH_IN - 0.1, HEIGHT_IN - 0.15),
        f"{total:,} weights and biases\nin each of {len(networks)} networks,\none for each of "
        + ", ".join(style.SYMBOLS[name] for name in networks),
        ha="right",
        va="top",
    )
    axes.text(
        *(style.WIDTH_IN - 0.1, 0.1),
        blocks.LEGEND,
        ha="right",
        va="bottom",
        fontsize="small",
        color="#555555",
    )
    return figure, pd.concat(
        [model.layers.assign(network=name) for name, model in networks.items()]
    )[["network", *first.layers.columns]]


def _draw_network(axes: Axes, model: Model) -> None:
    pixels = model.about["shape"]["pixels"]
    joined, ends = 0, []
    for number, layer in enumerate(netcdf.LAYERS, start=1):
        branch = blocks.chain(model, [f"{layer}/0", f"{layer}/1"], pixels**2)
        joined += int(branch["outputs"].iloc[-1])
        ends.append(_draw_branch(axes, branch, layer, number=number, pixels=pixels))
    head = blocks.chain(model, ["head/0", "head/1", "output"], joined)
    color = style.NEUTRAL_COLOR
    x = LISTS_AT[3]
    blocks.draw_list(axes, x=x, y=MIDDLE, numbers=joined, name="concatenate", color="#999999")
    for end, side in zip(ends, (1, -1), strict=True):
        entry = MIDDLE + 0.35 * side * blocks.bar_height(joined)
        blocks.draw_arrow(axes, end, (x - blocks.BAR_WIDTH / 2 - 0.02, entry))
    for place, name, row, does in zip(
        LISTS_AT[4:],
        ("h3", "h4", r"out: $\theta$," + "\n$J$ or $D$"),
        head.itertuples(),
        ("GELU", "GELU", "linear"),
        strict=True,
    ):
        blocks.draw_step(axes, (x, MIDDLE), (place, MIDDLE), above=does, below=_count(row))
        blocks.draw_list(axes, x=place, y=MIDDLE, numbers=row.outputs, name=name, color=color)
        x = place


def _draw_branch(
    axes: Axes, branch: pd.DataFrame, layer: str, *, number: int, pixels: int
) -> tuple[float, float]:
    """Draw what becomes of one image, and return where that leaves off."""
    y, color = LEVELS[layer], style.LAYER_COLORS[layer]
    blocks.draw_image(axes, (IMAGE_AT, y), IMAGE_IN, pixels=pixels, layer=layer)
    start = IMAGE_AT + IMAGE_IN / 2 - blocks.BAR_WIDTH / 2
    x = LISTS_AT[0]
    blocks.draw_step(axes, (start, y), (x, y), above="flatten")
    blocks.draw_list(
        axes, x=x, y=y, numbers=branch["inputs"].iloc[0], name=f"input_{number}", color=color
    )
    for place, name, row in zip(LISTS_AT[1:3], ("h1", "h2"), branch.itertuples(), strict=True):
        blocks.draw_step(axes, (x, y), (place, y), above="GELU", below=_count(row))
        blocks.draw_list(
            axes, x=place, y=y, numbers=row.outputs, name=f"{name}_{number}", color=color
        )
        x = place
    return x + blocks.BAR_WIDTH / 2 + 0.02, y


def _count(row: Any) -> str:
    return f"{row.weights + row.biases:,}"
