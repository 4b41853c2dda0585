"""What a measured image says: the fit beside the image, and the posterior of theta, J and D."""

import textwrap

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import gaussian_filter

from moirespin.figures import style

NAMES = {
    "twist_angle_deg": r"$\theta$ (deg)",
    "exchange_mev": "$J$ (meV)",
    "anisotropy_mev": "$D$ (meV)",
}
# Widths of the densities drawn hold 68 and 95 % of a posterior.
SHARES = (0.95, 0.68)
BINS = 40
# Letters of a line of the note beside the panels, and its lines.
LETTERS = 62
MOST_LINES = 9


def draw_fit(
    image: np.ndarray, residual: np.ndarray, seen: np.ndarray, *, pixel_nm: float
) -> Figure:
    """Draw an image, its model and the residual at one scale; one row for each layer.

    Args:
        image: as measured, shape (image, y, x).
        residual: what the fit leaves, same shape.
        seen: 1 where there is a pixel, same shape.
        pixel_nm: distance of the pixels.
    """
    missing = seen == 0
    parts = [np.where(missing, np.nan, part) for part in (image, image - residual, residual)]
    lowest, highest = np.nanpercentile(parts[0], [0.5, 99.5])
    centre, half = (lowest + highest) / 2, (highest - lowest) / 2
    figure = style.new_figure(height_in=0.4 + 2.3 * len(image))
    panels = figure.subplots(len(image), 3, sharex=True, sharey=True, squeeze=False)
    rows, columns = image.shape[1:]
    extent = np.array([-columns, columns, -rows, rows]) * pixel_nm / 2
    for number, row in enumerate(panels):
        for axes, part, title, middle in zip(
            row, parts, ("image", "model", "residual"), (centre, centre, 0.0), strict=True
        ):
            drawn = axes.imshow(
                part[number],
                extent=extent,
                cmap="RdBu_r",
                vmin=middle - half,
                vmax=middle + half,
            )
            axes.set_title(title if number == 0 else "")
            axes.set_facecolor("#dddddd")
        figure.colorbar(drawn, ax=row, label="residual (image: same span)")
        row[0].set_ylabel("y (nm)")
    for axes in panels[-1]:
        axes.set_xlabel("x (nm)")
    return figure


def draw_corner(samples: dict[str, np.ndarray], warnings: list[str]) -> Figure:
    """Draw the posterior of theta, J and D: each alone, and each pair.

    Args:
        samples: of each parameter, shape (sample,).
        warnings: sentences, written beside the panels.
    """
    matplotlib.style.use(["default", style.STYLE])
    figure = Figure(figsize=(5.4, 5.2))
    panels = figure.subplots(len(NAMES), len(NAMES))
    values = [samples[name] for name in NAMES]
    for row, (name, below) in enumerate(zip(NAMES, values, strict=True)):
        for column, across in enumerate(values):
            axes = panels[row, column]
            if column > row:
                axes.set_axis_off()
            elif column == row:
                axes.hist(across, BINS, histtype="stepfilled", color=style.COUNT_COLOR)
                for edge in np.quantile(across, [0.025, 0.5, 0.975]):
                    axes.axvline(edge, color=style.NEUTRAL_COLOR, linewidth=0.8)
                axes.set_yticks([])
            else:
                _draw_pair(axes, across, below)
            if row == len(NAMES) - 1:
                axes.set_xlabel(list(NAMES.values())[column])
            else:
                axes.set_xticklabels([])
            if column == 0 and row > 0:
                axes.set_ylabel(NAMES[name])
            elif column < row:
                axes.set_yticklabels([])
            axes.xaxis.set_major_locator(MaxNLocator(3))
            if column < row:
                axes.yaxis.set_major_locator(MaxNLocator(3))
    lines = [
        f"{label[: label.index(' (')]} = {np.mean(value):.5g} ± {np.std(value):.2g}"
        f" {label[label.index('(') + 1 : -1]}"
        for label, value in zip(NAMES.values(), values, strict=True)
    ]
    lines += textwrap.wrap(" ".join(warnings), LETTERS)[:MOST_LINES]
    note = figure.text(0.42, 0.97, "\n".join(lines), va="top", fontsize=7)
    note.set_in_layout(False)
    return figure


def _draw_pair(axes: Axes, across: np.ndarray, below: np.ndarray) -> None:
    """Draw the density of a pair with the regions that hold 95 and 68 %."""
    density, first, second = np.histogram2d(across, below, BINS)
    density = gaussian_filter(density, 1.8)
    if not density.max() > 0:
        return
    ordered = np.sort(density.ravel())[::-1]
    share = np.cumsum(ordered) / ordered.sum()
    levels = [ordered[np.searchsorted(share, part)] for part in SHARES]
    middle = [(edges[1:] + edges[:-1]) / 2 for edges in (first, second)]
    if levels[0] < levels[1] < density.max():
        axes.contourf(*middle, density.T, [*levels, density.max()], colors=["#c6dcef", "#4c8cc4"])
