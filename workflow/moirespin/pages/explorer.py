"""The explorer: one HTML file in which a browser evaluates the texture model, without a server.

The parts of the page lie in `workflow/explorer`: its text, its look, and JavaScript modules that
mirror `textures`, `images.raster` and `probes` function by function. Here they become one text with
the model's file, as it is, and the relaxed sets of a run. Nothing is fetched from anywhere; the
page's own policy forbids it. Its parts belong to the fingerprint of whatever imports this module.

Units: degree, meV, nm.
"""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import matplotlib
import numpy as np
import xarray as xr

from moirespin.figures import style
from moirespin.io import netcdf
from moirespin.io.atomic import replaced
from moirespin.textures.model_files import load_model

PARTS = Path(__file__).parents[2] / "explorer"
# Each module before those that import it.
MODULES: tuple[str, ...] = (
    "dom",
    "safetensors",
    "networks",
    "order",
    "rest",
    "fft",
    "cell",
    "model",
)
MODULES += (
    "texture",
    "window",
    "probes",
    "view",
    "commands",
    "numbers",
    "picture",
    "table",
    "diagram",
)
MODULES += ("controls", "sets", "main")
COLOR_STEPS = 256
FIELD_COLORS = "PuOr_r"  # as the map of the exchange in figure 2
# Share of a phase's colour in the ground of the diagram, on white.
TINT = 0.28
WORDS = {"FM": "ferromagnetic", "NCD": "noncollinear domains", "MD": "magnetic domains"}
# Digits that are kept of the sets: more than the lines of the diagram resolve.
EXCHANGE_DIGITS, ANISOTROPY_DIGITS, SPIN_DIGITS = 6, 7, 4


def write(
    path: str | Path,
    model: str | Path,
    *,
    magnet: Mapping[str, float],
    sets: xr.Dataset | None = None,
    lines: xr.Dataset | None = None,
    name: str = "",
    named: str = "",
    made: Mapping[str, Any] | None = None,
) -> None:
    """Write the explorer of a texture model, whole or not at all.

    Args:
        path: of the .html file.
        model: path of a texture model, a .safetensors file with its record beside it.
        magnet: config block `magnet`: `spin` and `g_factor`, for stray fields.
        sets: dataset of schema `phase_diagram`, whose sets are shown as points; None for none.
        lines: dataset of schema `phase_lines`, shown at the angles of the sets; None for none.
        name: of the run that the model belongs to; "" for none.
        named: path of the model in the command lines that the page shows; "" for the model that
            `moirespin draw` takes by itself.
        made: record of the job that writes the page, from `provenance.of`; None outside of a run.

    Raises:
        ValueError: if the model cannot be read.
        OSError: if the file cannot be written.
    """
    about = load_model(model).about
    record = {
        "about": about,
        "model_path": named,
        "magnet": {key: magnet[key] for key in ("spin", "g_factor")},
        "sets": columns_of(sets),
        "lines": points_of(lines),
        "colors": colors(),
        "words": describe(about),
        "made": made,
    }
    page = Template(_part("page.html")).substitute(
        title=f"Moiré spin textures{f': {name}' if name else ''}",
        # Beside it in the run's folder lies the page of results.
        subtitle=f'run <a href="index.html">{name}</a>' if name else "of two twisted layers",
        style=_part("page.css"),
        # No text may end the element that holds it.
        record=json.dumps(record, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c"),
        weights=base64.b64encode(Path(model).read_bytes()).decode(),
        script=bundle(),
    )
    with replaced(path) as unfinished:
        Path(unfinished).write_text(page, encoding="utf-8")


def bundle() -> str:
    """Return all modules as one: a browser imports nothing from a file that it opened by itself."""
    return "\n".join(_without_imports(_part(f"{name}.js")) for name in MODULES)


def _without_imports(text: str) -> str:
    inner = re.sub(r"^import [^;]+;\n", "", text, flags=re.MULTILINE)
    inner = re.sub(r"^export \{[^}]*\};\n", "", inner, flags=re.MULTILINE)
    return re.sub(r"^export ", "", inner, flags=re.MULTILINE)


def columns_of(sets: xr.Dataset | None) -> dict[str, Any]:
    """Return the sets of a run as short columns, the phase as a place in `phases`."""
    names = [*netcdf.PHASES, "undetermined"]
    if sets is None:
        empty: list[float] = []
        return dict.fromkeys(("m", "number", "J", "D", "phase", "top", "bottom"), empty) | {
            "phases": names
        }
    spins = np.round(sets["magnetization"].values, SPIN_DIGITS)
    return {
        "phases": names,
        "m": sets["twist_index"].values.tolist(),
        "number": sets["set_number"].values.tolist(),
        "J": np.round(sets["exchange"].values, EXCHANGE_DIGITS).tolist(),
        "D": np.round(sets["anisotropy"].values, ANISOTROPY_DIGITS).tolist(),
        "phase": sets["phase"].values.tolist(),
        "top": spins[:, 0].tolist(),
        "bottom": spins[:, 1].tolist(),
    }


def points_of(lines: xr.Dataset | None) -> dict[str, list[list[list[float]]]]:
    """Return the traced points (J, D) of both phase lines by twist index, those that exist."""
    if lines is None:
        return {}
    exchange, anisotropy = lines["line_exchange"].values, lines["line_anisotropy"].values
    pairs = [
        [np.stack([exchange, stable], -1), np.stack([domain, anisotropy], -1)]
        for stable, domain in zip(lines["fm_line"].values, lines["domain_line"].values, strict=True)
    ]
    return {
        str(index): [
            np.round(line[np.isfinite(line).all(axis=1)], ANISOTROPY_DIGITS).tolist()
            for line in pair
        ]
        for index, pair in zip(lines["twist_index"].values, pairs, strict=True)
    }


def colors() -> dict[str, Any]:
    """Return the colours of figures: those of maps as hexadecimal digits, and those of phases."""
    return {
        "spin": _digits(str(style.SPIN_COLORS["cmap"])),
        "field": _digits(FIELD_COLORS),
        "phases": style.PHASE_COLORS,
        "tints": {name: _lighten(color) for name, color in style.PHASE_COLORS.items()},
        "words": WORDS,
    }


def _digits(name: str) -> str:
    steps = matplotlib.colormaps[name](np.linspace(0, 1, COLOR_STEPS), bytes=True)
    return steps[:, :3].tobytes().hex()


def _lighten(color: str) -> str:
    shares = np.array(matplotlib.colors.to_rgb(color))
    return matplotlib.colors.to_hex(1 - TINT * (1 - shares))


def describe(about: Mapping[str, Any]) -> str:
    """Return what the model is, in a few sentences for the foot of the page."""
    low, high = about["ranges"]["twist_angle"]
    smallest = about["smallest_trained_deg"]
    text = (
        f"The images are drawn by a texture model that was trained on {about['training_sets']:,}"
        f" relaxed parameter sets from {smallest:.2f}° to {high:.2f}°."
    )
    if low < smallest:
        text += f" Below {smallest:.2f}° the scaling with Jθ² stands for the training."
    scores = about.get("scores", {}).get("paper_box", {})
    if scores:
        means = [f"{scores[name]['mean']:.2g} ({name})" for name in ("NCD", "MD")]
        text += f" Mean error of S^z per site on unseen states: {means[0]}, {means[1]}."
    version = about.get("made", {}).get("moirespin_version")
    made = f" made by moirespin {version}" if version else ""
    return f"{text} Model {about['sha256'][:12]}{made}."


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")
