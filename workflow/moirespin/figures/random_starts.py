"""How often the best of n random starts misses the ground state, and by how much."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest

from moirespin.analysis.robustness_outcome import misses
from moirespin.figures import panels, style
from moirespin.io.netcdf import PHASES

ANGLE_BINS = 5


def draw(trials: xr.Dataset, degeneracy_mev: float) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure from a dataset of schema `challenge`.

    Args:
        trials: trials of every set: the tilted winner, then random starts.
        degeneracy_mev: energies closer than this count as equal.

    Returns:
        Figure and plotted numbers.

    Raises:
        ValueError: if the trials hold no random start.
    """
    excess = trials["excess"].values[:, 1:]
    if not excess.shape[1]:
        raise ValueError(
            "the tested sets have no random starts: raise challenge.random_starts in the config,"
            " or use workflow/presets/starts.yaml"
        )
    phase = panels.name_phases(trials["phase"])
    theta = trials["twist_angle"].values
    figure = style.new_figure(height_in=2.6)
    axes = figure.subplots(1, 3)
    tables = [
        _draw_rate(axes[0], theta, excess, degeneracy_mev=degeneracy_mev, panel="a"),
        _draw_excess(
            axes[1], theta, phase, excess=excess, degeneracy_mev=degeneracy_mev, panel="b"
        ),
        _draw_effort(axes[2], phase, excess, degeneracy_mev=degeneracy_mev, panel="c"),
    ]
    for panel, own in zip("abc", axes, strict=True):
        style.letter(own, panel)
    handles, _ = axes[1].get_legend_handles_labels()
    panels.add_legend(figure, handles, loc="outside upper center", ncols=len(handles))
    return figure, pd.concat(tables)


def _draw_rate(
    axes: Axes, theta: np.ndarray, excess: np.ndarray, *, degeneracy_mev: float, panel: str
) -> pd.DataFrame:
    missed = misses(excess, degeneracy_mev, excess.shape[1])
    edges = np.unique(np.quantile(theta, np.linspace(0, 1, ANGLE_BINS + 1)))
    place = np.clip(np.searchsorted(edges, theta, side="right") - 1, 0, max(len(edges) - 2, 0))
    rows = []
    for own in range(place.max() + 1):
        chosen = place == own
        # When all random starts are taken, the chance of a miss is 0 or 1.
        count = binomtest(round(missed[chosen].sum()), int(chosen.sum()))
        # Wilson's interval holds for few sets too.
        interval = count.proportion_ci(method="wilson")
        rows.append(
            {
                "twist_angle_deg": theta[chosen].mean(),
                "missed_percent": 100 * count.statistic,
                "lower_percent": 100 * interval.low,
                "upper_percent": 100 * interval.high,
                "sets": count.n,
            }
        )
    table = pd.DataFrame(rows).assign(panel=panel)
    axes.errorbar(
        table["twist_angle_deg"],
        table["missed_percent"],
        yerr=[
            table["missed_percent"] - table["lower_percent"],
            table["upper_percent"] - table["missed_percent"],
        ],
        fmt="o-",
        color=style.PARAMETER_COLORS["twist_angle"],
    )
    axes.set(
        xlabel=style.LABELS["twist_angle"],
        ylabel=f"best of {excess.shape[1]} random starts\nmisses the ground state (%)",
    )
    axes.set_ylim(0, 100)
    return table


def _draw_excess(
    axes: Axes,
    theta: np.ndarray,
    phase: np.ndarray,
    *,
    excess: np.ndarray,
    degeneracy_mev: float,
    panel: str,
) -> pd.DataFrame:
    best = np.nanmin(excess, axis=1)
    panels.scatter_phases(axes, theta, best, phase=phase)
    axes.axhspan(-degeneracy_mev, degeneracy_mev, color=style.COUNT_COLOR, zorder=0)
    axes.set_yscale("symlog", linthresh=degeneracy_mev)
    axes.set(
        xlabel=style.LABELS["twist_angle"],
        ylabel=f"best of {excess.shape[1]} random starts\nabove the winner (meV)",
    )
    return pd.DataFrame(
        {"panel": panel, "twist_angle_deg": theta, "phase": phase, "excess_mev": best}
    )


def _draw_effort(
    axes: Axes, phase: np.ndarray, excess: np.ndarray, *, degeneracy_mev: float, panel: str
) -> pd.DataFrame:
    tries = np.arange(1, excess.shape[1] + 1)
    tables = []
    for name in PHASES:
        chosen = phase == name
        if not chosen.any():
            continue
        rate = [100 * misses(excess[chosen], degeneracy_mev, n).mean() for n in tries]
        axes.plot(tries, rate, color=style.PHASE_COLORS[name])
        tables.append(
            pd.DataFrame(
                {"panel": panel, "phase": name, "random_starts": tries, "missed_percent": rate}
                | {"sets": chosen.sum()}
            )
        )
    axes.set(xlabel="random starts per set", ylabel="ground state missed (%)", ylim=(0, 100))
    if len(tries) > 1:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
    return pd.concat(tables)
