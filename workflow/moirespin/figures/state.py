"""The two images of one state, for a look."""

from matplotlib.figure import Figure

from moirespin.figures import style
from moirespin.io.export.texture import Images
from moirespin.io.schemas.base import LAYERS


def draw(images: Images) -> Figure:
    """Draw S^z of both layers."""
    centres_nm = images.centres_nm
    figure = style.new_figure(height_in=3.2)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    half = (centres_nm[1] - centres_nm[0]) / 2
    extent = (centres_nm[0] - half, centres_nm[-1] + half) * 2
    for axes, image, layer in zip(panels, images.spins[..., 2], LAYERS, strict=True):
        axes.imshow(image, extent=extent, **style.SPIN_COLORS)
        axes.set_title(layer)
        axes.set_xlabel("x (nm)")
    panels[0].set_ylabel("y (nm)")
    figure.colorbar(panels[0].images[0], ax=panels, label="$S^z$", ticks=style.SPIN_TICKS)
    return figure
