"""The scaling law: in units of the moire cell a texture depends on J theta^2 and D alone."""

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from moirespin.figures import style
from moirespin.io import netcdf
from moirespin.textures.cell import evaluate_waves
from moirespin.textures.model import energies, phase, tilt
from moirespin.textures.model_files import load_model

COLORS = "viridis"
# A state in the middle of the domain phase at every angle of the paper.
SCALED_MEV_DEG2 = 5.5
ANISOTROPY_MEV = 0.1
POINTS = 201
ANGLES = 6


def draw(lines: xr.Dataset, diagram: xr.Dataset, model: str) -> tuple[Figure, pd.DataFrame]:
    """Draw the figure.

    Args:
        lines: schema `phase_lines`.
        diagram: schema `phase_diagram`.
        model: path of the texture model.

    Returns:
        Figure and plotted numbers.
    """
    figure = style.new_figure(height_in=5.4)
    axes = figure.subplots(2, 2)
    angles = lines["twist_angle"].values
    scale = Normalize(float(angles.min()), float(angles.max()))
    tables = [
        _draw_lines(axes[0, 0], lines, scale),
        _draw_energies(axes[0, 1], diagram, scale),
        *_draw_textures(axes[1], model, scale),
    ]
    for own, name in zip(axes.ravel(), "abcd", strict=True):
        style.letter(own, name)
    colors = matplotlib.cm.ScalarMappable(scale, COLORS)
    figure.colorbar(colors, ax=axes, label=style.LABELS["twist_angle"], shrink=0.6)
    return figure, pd.concat(tables, ignore_index=True)


def _color(angle: float, scale: Normalize) -> tuple[float, float, float, float]:
    red, green, blue, alpha = matplotlib.colormaps[COLORS](scale(angle))
    return red, green, blue, alpha


def _draw_lines(axes: Axes, lines: xr.Dataset, scale: Normalize) -> pd.DataFrame:
    """Draw both phase lines of all angles over the scaled exchange."""
    exchange, anisotropy = lines["line_exchange"].values, lines["line_anisotropy"].values
    tables = []
    for row, angle in enumerate(lines["twist_angle"].values):
        color = _color(angle, scale)
        limit, domain = lines["fm_line"].values[row], lines["domain_line"].values[row]
        axes.plot(exchange * angle**2, limit, color=color)
        axes.plot(domain * angle**2, anisotropy, color=color, linestyle="--")
        for item, scaled, own in (
            ("FM-NCD line", exchange * angle**2, limit),
            ("NCD-MD line", domain * angle**2, anisotropy),
        ):
            own_rows = {"item": item, "twist_angle": angle, "scaled": scaled, "value": own}
            tables.append(pd.DataFrame(own_rows))
    axes.set(
        xlabel=r"$J\theta^2$ (meV deg$^2$)",
        ylabel=style.LABELS["anisotropy"],
        xscale="log",
        ylim=(0, 1.1 * float(anisotropy.max())),
        title="phase lines",
    )
    axes.plot([], [], color=style.NEUTRAL_COLOR, label="FM–NCD")
    axes.plot([], [], color=style.NEUTRAL_COLOR, linestyle="--", label="NCD–MD")
    axes.legend()
    return pd.concat(tables)


def _draw_energies(axes: Axes, diagram: xr.Dataset, scale: Normalize) -> pd.DataFrame:
    """Draw the mean S^z of the layer with the domains, of all sets in a band of D."""
    anisotropy = diagram["anisotropy"].values
    width = 0.1 * float(np.ptp(anisotropy))
    chosen = np.abs(anisotropy - ANISOTROPY_MEV) < width
    angle = diagram["twist_angle"].values[chosen]
    scaled = diagram["exchange"].values[chosen] * angle**2
    lowest = diagram["magnetization"].values[chosen].min(axis=1)
    axes.scatter(scaled, lowest, c=angle, cmap=COLORS, norm=scale, s=6)
    axes.set(
        xlabel=r"$J\theta^2$ (meV deg$^2$)",
        ylabel="mean $S^z$ of the lower layer",
        xscale="log",
        title=f"ground states, $D$ = {ANISOTROPY_MEV:g} ± {width:.2f} meV",
    )
    rows = {"item": "magnetization", "twist_angle": angle, "scaled": scaled, "value": lowest}
    return pd.DataFrame(rows)


def _draw_textures(axes: np.ndarray, path: str, scale: Normalize) -> list[pd.DataFrame]:
    """Draw a cut through one texture at several angles, and what is left against the angle."""
    model = load_model(path)
    lowest, highest = model.about["ranges"]["exchange"]
    indices = model.twist_indices[np.argsort(-model.twist_indices)]
    every = np.array(
        [2 * np.degrees(np.arcsin(0.5 / np.sqrt(3 * m * m + 3 * m + 1))) for m in indices]
    )
    fits = (every**2 * highest >= SCALED_MEV_DEG2) & (every**2 * lowest <= SCALED_MEV_DEG2)
    angles, registries = every[fits], model.registries[np.argsort(-model.twist_indices)][fits]
    if not len(angles):
        for own in axes:
            style.say_empty(own, "no angle of the sweep has a texture with this scaled exchange")
        return []
    sets = np.stack(
        [angles, SCALED_MEV_DEG2 / angles**2, np.full(len(angles), ANISOTROPY_MEV)], axis=1
    )
    chosen = int(np.median(phase(energies(model, sets, registries))))
    waves = tilt(model, sets, registries, branch=chosen)
    # Along the long diagonal of the cell, through all three kinds of stacking.
    along = np.linspace(0, 1, POINTS)
    cut = np.cos(waves[:, 0, 0] @ evaluate_waves(model.waves, along[:, None] * [1.0, 1.0]).T)
    steps = (np.arange(24) + 0.5) / 24
    points = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    whole = np.cos(waves[:, :, 0] @ evaluate_waves(model.waves, points).T)
    left = np.abs(whole - whole[0]).mean(axis=(1, 2))
    tables = []
    shown = np.unique(np.linspace(0, len(angles) - 1, ANGLES).astype(int))
    for row in shown:
        axes[0].plot(along, cut[row], color=_color(angles[row], scale))
        rows = {"item": "cut", "twist_angle": angles[row], "scaled": along, "value": cut[row]}
        tables.append(pd.DataFrame(rows))
    axes[0].set(
        xlabel="place along the diagonal of the cell",
        ylabel="$S^z$ of the top layer",
        title=f"{netcdf.PHASES[chosen]} textures, {SCALED_MEV_DEG2:g} meV deg²",
    )
    axes[1].scatter(angles[1:], left[1:], c=angles[1:], cmap=COLORS, norm=scale)
    axes[1].set(
        xlabel=style.LABELS["twist_angle"],
        ylabel=r"mean $|\Delta S^z|$ over the cell",
        title=f"difference from the texture at {angles[0]:.2f}°",
        ylim=(0, None),
    )
    rows = {"item": "difference", "twist_angle": angles, "value": left}
    return [*tables, pd.DataFrame(rows)]
