"""The one look of all figures: colours, labels, panel letters, and how a figure is saved.

Status: our choice. The colours of phases and parameters are those of Okabe and Ito with a grey, the
colours of the layers those of Tol's muted scheme; all eight stay at least 16 CIELAB units apart
under simulated protanopia, deuteranopia and tritanopia.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm
from matplotlib.figure import Figure, SubFigure

from moirespin.io import csv_tables
from moirespin.io.atomic import replaced
from moirespin.io.checksum import digest

STYLE = Path(__file__).with_name("paper.mplstyle")
WIDTH_IN = 7.0
LAYOUT_DECIMALS = 7  # of the figure's width or height

PHASE_COLORS = {"FM": "#b3b3b3", "NCD": "#56b4e9", "MD": "#e69f00", "undetermined": "#000000"}
PHASE_MARKERS = {"FM": "s", "NCD": "o", "MD": "^", "undetermined": "P"}
LAYER_COLORS = {"top": "#332288", "bottom": "#ddcc77"}
PARAMETER_COLORS = {"twist_angle": "#0072b2", "exchange": "#d55e00", "anisotropy": "#009e73"}
NEUTRAL_COLOR = "#333333"
JOINT_COLOR = "#cc79a7"
COUNT_COLOR = "#e2e2e2"
GENERATOR_COLORS = {"paper's generator": "#0072b2", "texture model": "#d55e00"}


def _elevation(spin: np.ndarray) -> np.ndarray:
    # What a network draws may lie slightly beyond 1.
    return np.arcsin(np.clip(spin, -1.0, 1.0))


# S^z has the same colour in every image of every figure. Colours are linear in the angle between
# spin and plane: a layer whose spins tilt by 20 degrees would look uniform on a scale of S^z.
SPIN_COLORS: dict[str, Any] = {
    "cmap": "RdBu_r",
    "norm": FuncNorm((_elevation, np.sin), -1.0, 1.0),
}
SPIN_TICKS = (-1, -0.9, -0.5, 0, 0.5, 0.9, 1)

# Entries that matplotlib would write by itself, taken out.
NAMELESS = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}

SYMBOLS = {"twist_angle": r"$\theta$", "exchange": "$J$", "anisotropy": "$D$"}
UNITS = {"twist_angle": "deg", "exchange": "meV", "anisotropy": "meV"}
LABELS = {
    "twist_angle": r"twist angle $\theta$ (deg)",
    "exchange": "exchange $J$ (meV)",
    "anisotropy": "anisotropy $D$ (meV)",
    "FM-NCD": "distance to FM–NCD (norm.)",
    "NCD-MD": "distance to NCD–MD (norm.)",
}


def new_figure(height_in: float) -> Figure:
    """Return an empty figure, two columns wide, in the style of the paper."""
    # Starting from the defaults keeps a user's own matplotlibrc out of the figures.
    matplotlib.style.use(["default", STYLE])
    return Figure(figsize=(WIDTH_IN, height_in))


def letter(axes: Axes, name: str, height: float | None = None) -> None:
    """Write a panel's letter above its left corner, or at a height in units of the axes."""
    axes.set_title(f"({name})", loc="left", fontweight="bold", y=height)


def say_empty(axes: Axes, reason: str) -> None:
    """Write into a panel without data why it has none."""
    axes.text(
        *(0.5, 0.5, reason), transform=axes.transAxes, ha="center", va="center", color="#777777"
    )


def settle_layout(figure: Figure) -> None:
    """Lay the figure out and fix the result, rounded to far less than a pixel.

    The layout's solver works in an order that differs from process to process, and so does the
    last digit of its result, which is enough to change a file.
    """
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    _round_places(figure)


def _round_places(figure: Figure | SubFigure) -> None:
    for part in figure.subfigs:
        part.bbox_relative.set_points(_round(part.bbox_relative.get_points()))
        _round_places(part)
    for axes in figure.get_axes():
        axes.set_position(_round(axes.get_position(original=True).bounds))


def _round(fractions: np.ndarray) -> np.ndarray:
    # Adding zero takes the sign from a negative zero, which a PDF would show.
    return np.round(fractions, LAYOUT_DECIMALS) + 0.0


def save(
    figure: Figure, table: pd.DataFrame, *, png: str, pdf: str, csv: str, made: dict | None = None
) -> None:
    """Write a figure and the numbers it plots, all files or none, and clear the figure.

    The files hold no date: the same figure gives the same bytes. `made` is what `provenance.of`
    returns; it goes into the JSON beside the numbers.
    """
    writers: dict[str | Path, Callable[[Any], Any]] = {
        png: lambda path: figure.savefig(path, format="png", metadata=NAMELESS["png"]),
        pdf: lambda path: figure.savefig(path, format="pdf", metadata=NAMELESS["pdf"]),
        csv: lambda path: table.to_csv(path, index=False, float_format="%.8g", lineterminator="\n"),
    }
    settle_layout(figure)
    try:
        with ExitStack() as files:
            unfinished = {path: files.enter_context(replaced(path)) for path in writers}
            for path, write in writers.items():
                write(unfinished[path])
            if made:
                record = files.enter_context(replaced(csv_tables.sidecar(csv)))
                about = csv_tables.describe(table, csv, made, sha256=digest(unfinished[csv]))
                Path(record).write_text(about, encoding="utf-8")
    finally:
        figure.clear()


def save_picture(figure: Figure, path: str | Path) -> None:
    """Write a figure that is for looking at only, whole or not at all.

    The ending of `path`, .png, .pdf or .svg, says how. No file holds a date or a name.
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    settle_layout(figure)
    # Names of parts of an SVG are random without a seed.
    with replaced(path) as unfinished, matplotlib.rc_context({"svg.hashsalt": "moirespin"}):
        figure.savefig(unfinished, format=kind, metadata=NAMELESS[kind])
