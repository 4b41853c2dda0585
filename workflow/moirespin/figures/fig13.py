"""Figure 13: the network that draws two images from the parameters, as it was trained."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirespin.figures import blocks, style
from moirespin.figures.blocks import Model
from moirespin.io import netcdf

HEIGHT_IN = 2.2
MIDDLE = 1.1
IMAGE_IN = 0.75
PARAMETERS_AT = 0.55
LISTS_AT = (1.7, 2.85, 4.0, 5.15)
IMAGES_AT = 6.45
LEVELS = {"top": 1.62, "bottom": 0.58}


def draw(model: str) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 13 from the file of the generator."""
    return draw_network(blocks.read_model(model, "generator"))


def draw_network(model: Model) -> tuple[Figure, pd.DataFrame]:
    """Draw the form of a generator.

    Args:
        model: the generator.

    Returns:
        Figure and plotted numbers.

    Raises:
        ValueError: if a layer does not fit the next, or the last one the images.
    """
    figure = style.new_figure(height_in=HEIGHT_IN)
    axes = figure.subplots()
    blocks.set_canvas(axes, style.WIDTH_IN, HEIGHT_IN)
    layers = blocks.chain(model, ["hidden/0", "hidden/1", "output"], len(netcdf.PARAMETERS))
    pixels = model.about["shape"]["pixels"]
    numbers = int(layers["outputs"].iloc[-1])
    if numbers != len(netcdf.LAYERS) * pixels**2:
        raise ValueError(f"{model.source}: {numbers} numbers are not two images of {pixels} pixels")
    _draw_inputs(axes, model.about["shape"]["input_scale"])
    x = LISTS_AT[0]
    names = ("dense", "dense_1", "dense_2")
    for place, name, row, does in zip(
        LISTS_AT[1:], names, layers.itertuples(), ("GELU", "GELU", "linear"), strict=True
    ):
        count = f"{row.weights + row.biases:,}"
        blocks.draw_step(axes, (x, MIDDLE), (place, MIDDLE), above=does, below=count)
        blocks.draw_list(
            axes, x=place, y=MIDDLE, numbers=row.outputs, name=name, color=style.NEUTRAL_COLOR
        )
        x = place
    for layer, y in LEVELS.items():
        side = 0.25 if y > MIDDLE else -0.25
        start = x + blocks.BAR_WIDTH / 2 + 0.02, MIDDLE + side * blocks.bar_height(numbers)
        blocks.draw_arrow(axes, start, (IMAGES_AT - IMAGE_IN / 2 - 0.02, y))
        blocks.draw_image(axes, (IMAGES_AT, y), IMAGE_IN, pixels=pixels, layer=layer)
    axes.text(x + 0.45, MIDDLE, "reshape", ha="left", va="center", fontsize="x-small")
    total = int(layers[["weights", "biases"]].to_numpy().sum())
    middle = style.WIDTH_IN / 2
    axes.text(middle, HEIGHT_IN - 0.1, f"{total:,} weights and biases", ha="center", va="top")
    look = {"ha": "left", "va": "bottom", "fontsize": "small", "color": "#555555"}
    axes.text(0.1, 0.1, blocks.LEGEND.replace("\n", "; "), **look)
    return figure, layers.reset_index(drop=True)


def _draw_inputs(axes: Axes, scale: list[float]) -> None:
    """Draw the normalised parameters, each with the factor that it is stretched by."""
    x = LISTS_AT[0]
    blocks.draw_list(axes, x=x, y=MIDDLE, numbers=len(scale), name="input_1", color="#999999")
    axes.text(PARAMETERS_AT, MIDDLE + 0.5, "normalised", ha="center", fontsize="small")
    for row, (name, factor) in enumerate(zip(netcdf.PARAMETERS, scale, strict=True)):
        y = MIDDLE + 0.3 * (1 - row)
        color = style.PARAMETER_COLORS[name]
        text = rf"{style.SYMBOLS[name]} × {factor:g}"
        axes.text(PARAMETERS_AT, y, text, ha="center", va="center", color=color)
        end = x - blocks.BAR_WIDTH / 2 - 0.02, MIDDLE + 0.06 * (1 - row)
        blocks.draw_arrow(axes, (PARAMETERS_AT + 0.35, y), end)
