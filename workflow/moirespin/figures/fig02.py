"""Figure 2: superlattice, interlayer exchange, the spin textures of the phases and their images."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from moirespin.figures import panels, style
from moirespin.images.raster import Raster, build_raster, render
from moirespin.images.window import pixel_centres
from moirespin.io import netcdf
from moirespin.physics.lattice import (
    NEIGHBOUR_CELLS,
    SUBLATTICE_POSITIONS,
    Bilayer,
    build_bilayer,
    twist_angle_deg,
)
from moirespin.states.phases import Thresholds, classify

# The bonds of a smaller angle would run together.
LARGEST_DRAWN_INDEX = 5
# Side of the windows around a supercell, in moire periods.
WINDOW_PERIODS = 1.65
EXCHANGE_PIXELS = 120
TEXTURE_PIXELS = 80
ARROWS = 13  # so many stand along a side of a texture
SHORTEST_ARROW = 0.05
DARK_BEYOND = 0.6  # |S^z| whose colour hides a black arrow
EXCHANGE_COLORS = "PuOr_r"
# The phases whose images are shown, and where.
IMAGED = {"d": "NCD", "e": "MD"}


def draw(
    examples: xr.Dataset,
    exchange: xr.Dataset,
    lines: xr.Dataset,
    *,
    thresholds: dict,
    lattice: dict,
    images: dict,
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 2.

    Args:
        examples: dataset of schema `shard`: one set for each of `netcdf.PHASES`, in their order,
            all of one twist index. A title says so where an example is in another phase.
        exchange: dataset of schema `exchange_map` of the same twist index.
        lines: dataset of schema `phase_lines`.
        thresholds: config block `phases`.
        lattice: config block `lattice`.
        images: `window_nm` and `pixels`.

    Returns:
        Figure and plotted numbers.
    """
    bilayer = build_bilayer(int(examples["twist_index"][0]), **lattice)
    phases = classify(examples["magnetization"].values, Thresholds(**thresholds))
    titles = _title_examples(examples, phases)
    figure = style.new_figure(height_in=6.0)
    upper, lower = figure.subfigures(2, 1, height_ratios=(2.3, 1))
    left, right = upper.subfigures(1, 2, width_ratios=(1, 2.3))
    a, b = left.subplots(2, 1)
    small = min(bilayer.twist_index, LARGEST_DRAWN_INDEX)
    tables = [
        _draw_superlattice(a, build_bilayer(small, **lattice)),
        _draw_exchange(left, b, bilayer, total_mev=exchange["interlayer_exchange"].values),
        _draw_textures(right, bilayer, examples, titles=titles),
    ]
    axes = lower.subplots(1, 5, width_ratios=(1, 1, 1, 1, 1.15))
    raster = build_raster(bilayer, **images)
    centres = pixel_centres(**images)
    for pair, (panel, phase) in zip((axes[:2], axes[2:4]), IMAGED.items(), strict=True):
        example = netcdf.PHASES.index(phase)
        spins = examples["spins"].values[example]
        tables.append(
            _draw_images(pair, raster, centres, spins=spins, title=titles[example], panel=panel)
        )
    axes[0].set_ylabel("y (nm)")
    tables.append(_draw_plane(axes[4], examples, phases, lines=lines))
    return figure, pd.concat(tables)


def _title_examples(examples: xr.Dataset, phases: np.ndarray) -> list[str]:
    """Return what each example is, and what it was chosen for if that is something else."""
    found = panels.name_phases(xr.DataArray(phases))
    return [
        name if name == meant else f"{name} (chosen as {meant})"
        for name, meant in zip(found, netcdf.PHASES, strict=True)
    ]


def _draw_superlattice(axes: Axes, bilayer: Bilayer) -> pd.DataFrame:
    """Draw the bonds of both layers around one supercell."""
    half = WINDOW_PERIODS / 2 * float(np.linalg.norm(bilayer.supercell[0]))
    tables = []
    for layer in reversed(range(len(netcdf.LAYERS))):
        name = netcdf.LAYERS[layer]
        bonds = find_bonds(bilayer, layer, half)
        color = style.LAYER_COLORS[name]
        axes.add_collection(LineCollection(bonds, colors=color, linewidths=0.55))
        ends = bonds.reshape(-1, 4)
        columns = ["x_nm", "y_nm", "end_x_nm", "end_y_nm"]
        tables.append(pd.DataFrame(ends, columns=columns).assign(item="bond", layer=name))
    _outline_supercell(axes, bilayer)
    axes.set(xlim=(-half, half), ylim=(-half, half), aspect="equal")
    axes.set(xlabel="x (nm)", ylabel="y (nm)")
    axes.set_title(_name_angle(bilayer), fontsize="small")
    handles = [Line2D([], [], color=style.LAYER_COLORS[name], label=name) for name in netcdf.LAYERS]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2)
    style.letter(axes, "a")
    return pd.concat(tables).assign(panel="a")


def find_bonds(bilayer: Bilayer, layer: int, half_nm: float) -> np.ndarray:
    """Return the nearest-neighbour bonds of a layer within a square about the origin.

    Args:
        bilayer: the lattice.
        layer: index into `netcdf.LAYERS`.
        half_nm: half the side of the square.

    Returns:
        Ends of each bond, shape (bond, end, 2).
    """
    primitive = bilayer.primitive[layer]
    span = int(np.ceil(2 * half_nm / bilayer.lattice_constant_nm)) + 1
    cells = np.stack(np.meshgrid(*[np.arange(-span, span + 1)] * 2), axis=-1).reshape(-1, 1, 2)
    first, second = (
        (cells + offsets + shift) @ primitive
        for offsets, shift in zip(
            (np.zeros((3, 2)), NEIGHBOUR_CELLS), SUBLATTICE_POSITIONS, strict=True
        )
    )
    bonds = np.stack([first, second], axis=2).reshape(-1, 2, 2)
    return bonds[(np.abs(bonds) <= half_nm).all(axis=(1, 2))]


def _draw_exchange(
    parent: SubFigure, axes: Axes, bilayer: Bilayer, *, total_mev: np.ndarray
) -> pd.DataFrame:
    """Draw the interlayer exchange, averaged over the six sites of each hexagon, of both layers."""
    window = WINDOW_PERIODS * float(np.linalg.norm(bilayer.supercell[0]))
    raster = build_raster(bilayer, window, EXCHANGE_PIXELS)
    centres = pixel_centres(window, EXCHANGE_PIXELS)
    # The two sites of a cell differ by as much as the patches do: their mean is the local stacking.
    shown = total_mev[raster.sites].mean(axis=(0, -1))
    largest = np.abs(shown).max() or 1.0
    picture = axes.imshow(
        shown,
        extent=panels.find_edges(centres) * 2,
        cmap=EXCHANGE_COLORS,
        vmin=-largest,
        vmax=largest,
    )
    _outline_supercell(axes, bilayer)
    look = {"location": "bottom", "aspect": 25, "shrink": 0.9, "pad": 0.02}
    parent.colorbar(picture, ax=axes, label=r"$\lambda\,\Sigma J_\perp$ (meV)", **look)
    axes.set(xlabel="x (nm)", ylabel="y (nm)")
    axes.set_title(_name_angle(bilayer), fontsize="small")
    style.letter(axes, "b")
    return _tabulate_pixels(shown, centres, "interlayer_exchange_mev").assign(panel="b")


def _name_angle(bilayer: Bilayer) -> str:
    return rf"$m$ = {bilayer.twist_index}, $\theta$ = {twist_angle_deg(bilayer.twist_index):.2f}°"


def _outline_supercell(axes: Axes, bilayer: Bilayer, names: bool = True) -> None:
    """Draw the supercell about the origin and name its stackings, the top sublattice first."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) / 2 @ bilayer.supercell
    axes.plot(*corners.T, color="black", linewidth=0.8)
    for name, place in find_stackings(bilayer).items() if names else ():
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.8, "linewidth": 0}
        axes.text(*place, name, ha="center", va="center", fontsize="x-small", bbox=box)


def find_stackings(bilayer: Bilayer) -> dict[str, np.ndarray]:
    """Return where in the supercell the layers stack as AA, and as AB or BA, in nm.

    In AB an A site of the top layer lies above a B site of the bottom layer.
    """
    third = bilayer.supercell.sum(axis=0) / 3
    return {"AA": 0 * third, "AB": -third, "BA": third}


def _draw_textures(
    parent: SubFigure, bilayer: Bilayer, examples: xr.Dataset, *, titles: list[str]
) -> pd.DataFrame:
    """Draw S^z and the in-plane spin of each example around one supercell."""
    axes = parent.subplots(2, len(titles), sharex=True, sharey=True)
    window = WINDOW_PERIODS * float(np.linalg.norm(bilayer.supercell[0]))
    fine, coarse = (build_raster(bilayer, window, count) for count in (TEXTURE_PIXELS, ARROWS))
    tables = []
    for column, title in enumerate(titles):
        spins = examples["spins"].values[column]
        maps = render(fine, spins[:, 2])
        arrows = np.stack([render(coarse, spins[:, component]) for component in range(2)])
        for row, layer in enumerate(netcdf.LAYERS):
            here = axes[row, column]
            about = {"panel": "c", "example": title, "layer": layer}
            tables.append(
                _draw_map(here, maps[row], pixel_centres(window, TEXTURE_PIXELS), about=about)
            )
            tables.append(
                _draw_arrows(here, arrows[:, row], pixel_centres(window, ARROWS), about=about)
            )
            _outline_supercell(here, bilayer, names=False)
        exchange, anisotropy = (float(examples[name][column]) for name in netcdf.PARAMETERS[1:])
        axes[0, column].set_title(
            f"{title}\n$J$ = {exchange:.2f}, $D$ = {anisotropy:.3f} meV", fontsize="small"
        )
        axes[1, column].set_xlabel("x (nm)")
    for row, layer in enumerate(netcdf.LAYERS):
        axes[row, 0].set_ylabel(f"{layer} layer\ny (nm)")
    look = {"location": "bottom", "aspect": 50, "shrink": 0.7, "pad": 0.02}
    parent.colorbar(axes[0, 0].images[0], ax=axes, label="$S^z$", ticks=style.SPIN_TICKS, **look)
    # The title has two lines; the letter stands beside the upper one.
    style.letter(axes[0, 0], "c", height=1.1)
    return pd.concat(tables)


def _draw_map(axes: Axes, image: np.ndarray, centres: np.ndarray, *, about: dict) -> pd.DataFrame:
    axes.imshow(image, extent=panels.find_edges(centres) * 2, **style.SPIN_COLORS)
    if not np.isfinite(image).any():
        style.say_empty(axes, "no state found")
    return _tabulate_pixels(image, centres, "spin_z").assign(**about)


def _draw_arrows(
    axes: Axes, plane: np.ndarray, centres: np.ndarray, *, about: dict
) -> pd.DataFrame:
    """Draw the in-plane spin (component, y, x) where there is any; length 1 fills the spacing."""
    x, y = (part.ravel() for part in np.meshgrid(centres, centres))
    u, v = plane.reshape(2, -1)
    shown = np.hypot(u, v) > SHORTEST_ARROW
    axes.quiver(
        *(part[shown] for part in (x, y, u, v)),
        angles="xy",
        scale_units="xy",
        scale=1 / (centres[1] - centres[0]),
        pivot="middle",
        width=0.008,
        headwidth=3.5,
        headlength=3.5,
        headaxislength=3,
        minlength=0,
        color=np.where(np.hypot(u, v)[shown] < np.sqrt(1 - DARK_BEYOND**2), "white", "black"),
    )
    rows = {"x_nm": x, "y_nm": y, "spin_x": u, "spin_y": v}
    return pd.DataFrame(rows)[shown].assign(item="arrow", **about)


def _draw_images(
    axes: np.ndarray,
    raster: Raster,
    centres: np.ndarray,
    *,
    spins: np.ndarray,
    title: str,
    panel: str,
) -> pd.DataFrame:
    """Draw the images of both layers of one example."""
    tables = []
    for here, image, layer in zip(axes, render(raster, spins[:, 2]), netcdf.LAYERS, strict=True):
        about = {"panel": panel, "example": title, "layer": layer}
        tables.append(_draw_map(here, image, centres, about=about))
        here.set_xlabel("x (nm)")
        here.set_title(f"{title}\n{layer} layer", fontsize="small")
    axes[1].tick_params(labelleft=False)
    style.letter(axes[0], panel, height=1.13)
    return pd.concat(tables)


def _draw_plane(
    axes: Axes, examples: xr.Dataset, phases: np.ndarray, *, lines: xr.Dataset
) -> pd.DataFrame:
    """Draw where the examples lie between the phase lines of their angle."""
    twist_index = int(examples["twist_index"][0])
    curves = panels.draw_phase_lines(axes, lines, twist_index)
    exchange, anisotropy = examples["exchange"].values, examples["anisotropy"].values
    names = panels.name_phases(xr.DataArray(phases))
    panels.scatter_phases(axes, exchange, anisotropy, phase=names)
    for name, x, y in zip(names, exchange, anisotropy, strict=True):
        axes.annotate(name, (x, y), (4, 3), textcoords="offset points", fontsize="x-small")
    # Room for the legend above the box.
    axes.margins(y=0.2)
    axes.set(xlabel="$J$ (meV)", ylabel="$D$ (meV)")
    axes.set_ylim(bottom=0)
    axes.legend(handles=panels.phase_line_handles(), loc="upper right")
    axes.set_title(rf"$\theta$ = {float(examples['twist_angle'][0]):.2f}°")
    style.letter(axes, "f")
    points = pd.DataFrame({"exchange_mev": exchange, "anisotropy_mev": anisotropy, "phase": names})
    return pd.concat([points.assign(item="example"), curves.assign(item="line")]).assign(panel="f")


def _tabulate_pixels(image: np.ndarray, centres: np.ndarray, name: str) -> pd.DataFrame:
    x, y = np.meshgrid(centres, centres)
    return pd.DataFrame(
        {"item": "pixel", "x_nm": x.ravel(), "y_nm": y.ravel(), name: image.ravel()}
    )
