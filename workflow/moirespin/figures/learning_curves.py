"""Learning curves: loss and learning rate of each network against the epoch."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from moirespin.figures import panels, style
from moirespin.io.netcdf import PARAMETERS

COLORS = dict(style.PARAMETER_COLORS)
COLORS |= {"generator": style.NEUTRAL_COLOR, "joint": style.JOINT_COLOR}
NAMES = {name: f"network of {style.SYMBOLS[name]}" for name in PARAMETERS}
NAMES |= {"generator": "generator", "joint": "joint network"}
PANELS = {
    "a": (PARAMETERS, "loss (norm.)"),
    "b": (("generator",), "MAE of $S^z$"),
    "c": (("joint",), "MAE of logarithms"),
}


def draw(**records: dict) -> tuple[Figure, pd.DataFrame]:
    """Draw the learning curves.

    Args:
        records: of each parameter's network, of `generator` and of `joint`: what the JSON beside
            its weights holds, `history` among it.

    Returns:
        Figure and plotted numbers, epochs counted from 1.
    """
    tables = {name: tabulate(record["history"]) for name, record in records.items()}
    figure = style.new_figure(height_in=4.6)
    axes = dict(zip("abcd", figure.subplots(2, 2).flat, strict=True))
    drawn = []
    for panel, (names, label) in PANELS.items():
        for name in names:
            _draw_losses(axes[panel], tables[name], COLORS[name])
            drawn.append(tables[name].assign(panel=panel, network=name))
        axes[panel].set(ylabel=label)
    for name, table in tables.items():
        axes["d"].step(table["epoch"], table["learning_rate"], where="mid", color=COLORS[name])
    axes["d"].set(ylabel="learning rate")
    for panel, part in axes.items():
        part.set(xlabel="epoch", yscale="log")
        part.set_xlim(left=0)
        style.letter(part, panel)
    panels.add_legend(figure, _handles(), loc="outside upper center", ncols=4)
    columns = ["panel", "network", "epoch", "training_loss", "validation_loss"]
    return figure, pd.concat(drawn)[[*columns, "learning_rate", "kept"]]


def tabulate(history: list[dict]) -> pd.DataFrame:
    """Return a history with its epochs and whether an epoch's weights were kept in the end."""
    table = pd.DataFrame(history)
    table["epoch"] = range(1, len(table) + 1)
    best = table["validation_loss"].idxmin()
    table["kept"] = (table.index == best).astype(int)
    return table


def _draw_losses(axes: Axes, table: pd.DataFrame, color: str) -> None:
    axes.plot(table["epoch"], table["training_loss"], color=color, linestyle=":", linewidth=0.8)
    axes.plot(table["epoch"], table["validation_loss"], color=color)
    kept = table[table["kept"] == 1]
    axes.plot(kept["epoch"], kept["validation_loss"], "o", color=color, mec="white", mew=0.5, ms=4)


def _handles() -> list[Line2D]:
    lines = [Line2D([], [], color=COLORS[name], label=NAMES[name]) for name in NAMES]
    grey = {"color": "#888888"}
    return [
        *lines,
        Line2D([], [], **grey, linestyle=":", linewidth=0.8, label="training"),
        Line2D([], [], **grey, label="validation"),
        Line2D([], [], **grey, linestyle="", marker="o", markersize=4, label="weights kept"),
    ]
