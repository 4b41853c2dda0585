"""The two images of one state, for a look."""

import numpy as np
from matplotlib.figure import Figure

from moirespin.figures import style
from moirespin.io.netcdf import LAYERS


def draw(images: np.ndarray, centres_nm: np.ndarray) -> Figure:
    """Draw S^z of both layers.

    Args:
        images: S^z on the pixels, shape (layer, y, x).
        centres_nm: pixel centres along a side.
    """
    figure = style.new_figure(height_in=3.2)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    half = (centres_nm[1] - centres_nm[0]) / 2
    extent = (centres_nm[0] - half, centres_nm[-1] + half) * 2
    for axes, image, layer in zip(panels, images, LAYERS, strict=True):
        axes.imshow(image, extent=extent, **style.SPIN_COLORS)
        axes.set_title(layer)
        axes.set_xlabel("x (nm)")
    panels[0].set_ylabel("y (nm)")
    figure.colorbar(panels[0].images[0], ax=panels, label="$S^z$")
    return figure
