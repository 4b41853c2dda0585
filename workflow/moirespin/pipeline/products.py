"""What a finished run holds, as paths within its folder: for the Snakefile and for the archive."""

import json
from pathlib import Path

from moirespin.analysis.registry import SCORES, TABLES
from moirespin.figures.registry import FIGURES
from moirespin.io.contents import CONTENTS

# The page of results shows all others.
PAGE = "index.html"
EXPLORER = "explorer.html"
KINDS = ("png", "pdf", "csv")
# Tables of rules of their own, and what they show.
MEASURED = {
    "measurements": "what the measured images say",
    "probe_limits": "what each kind of probe can know of J and D",
}
OF_AN_IMAGE = (
    *("posterior.nc", "reading.json", "summary.csv", "summary.csv-metadata.json"),
    *("fit.png", "corner.png"),
)
MODELS = ("twist_angle", "exchange", "anisotropy", "generator", "joint", "textures")
# Figures, tables and scores are made of these, which cost the most.
DATA: tuple[str, ...] = (
    "phase_diagram.nc",
    "phase_lines.nc",
    "dataset.nc",
    "challenge.nc",
    "fisher.nc",
)
DATA += ("predictions/parameters.nc", "predictions/joint.nc", "predictions/images.nc")
DATA += ("predictions/textures.nc",)
DATA += (
    "scores/snr.nc",
    "scores/snr_joint.nc",
    "scores/information.nc",
    "examples.nc",
    "exchange_map.nc",
)


def figures() -> list[str]:
    """Return the figures: pictures and plotted numbers."""
    drawn = [figure.name for figure in FIGURES if figure.by_default]
    return [f"figures/{name}.{kind}" for name in drawn for kind in KINDS]


def tables() -> list[str]:
    """Return the tables."""
    return [f"tables/{name}.csv" for name in tables_show()]


def tables_show() -> dict[str, str]:
    """Return what each table of every run shows, by name."""
    return {table.name: table.shows for table in TABLES if table.by_default} | MEASURED


def models() -> list[str]:
    """Return the weights of the networks and their descriptions."""
    return [f"models/{name}.{kind}" for name in MODELS for kind in ("safetensors", "json")]


def on_request() -> list[str]:
    """Return what a run holds only if it was asked for."""
    figures = [figure.name for figure in FIGURES if not figure.by_default]
    files = [f"figures/{name}.{kind}" for name in figures for kind in KINDS]
    files += [table.file for table in TABLES if not table.by_default]
    files += ["tables/sample_curve.csv", "tables/image_curve.csv", "tables/exchange_scale.csv"]
    files += ["tables/training_spread.csv", "tables/image_conditions.csv"]
    files += ["tables/inputs.csv", "tables/transition_order.csv"]
    files += ["tables/choices.csv", "tables/joint_gain.csv", "tables/mixed_layers.csv"]
    files += ["tables/calibration.csv", "tables/foreign.csv", "tables/noise_limits.csv"]
    return [*files, *(f"{file}-metadata.json" for file in files if file.endswith(".csv"))]


def computed() -> list[str]:
    """Return all files that a run keeps, but for its page and what belongs to single angles."""
    files = [*figures(), *tables(), *models(), *DATA, *(analysis.file for analysis in SCORES)]
    files += [EXPLORER]
    return [*files, *(f"{file}-metadata.json" for file in files if file.endswith(".csv"))]


def everything() -> list[str]:
    """Return all files that a run keeps, but for those of single angles."""
    return [*computed(), PAGE]


def described() -> dict[str, str]:
    """Return what files hold that are neither figures nor tables, by path, as the page lists them.

    A network is listed by its weights.
    """
    shown = [name for name in computed() if not name.startswith(("figures/", "tables/"))]
    held = {name: CONTENTS.get(name) or CONTENTS.get(f"{name.split('.')[0]}.*") for name in shown}
    missing = [name for name, holds in held.items() if holds is None]
    assert not missing, f"io/contents.py says nothing of {missing}"
    return {n: holds for n, holds in held.items() if holds and not n.endswith(".json")}


def measured(config: dict) -> list[str]:
    """Return what a run holds of each measured image that its config names."""
    names = [entry["name"] for entry in config["measurements"]]
    return [f"measurements/{name}/{file}" for name in names for file in OF_AN_IMAGE]


def drawn_on_request(folder: Path) -> list[str]:
    """Return the figures on request that the folder of a run holds."""
    figures = [figure.name for figure in FIGURES if not figure.by_default]
    return [name for name in figures if (folder / f"figures/{name}.png").exists()]


def tables_on_request(folder: Path) -> dict[str, str]:
    """Return the tables on request that the folder of a run holds, and what to say of them."""
    tables = [name for name in on_request() if Path(name).match("tables/*.csv")]
    return {name: "a table on request" for name in tables if (folder / name).exists()}


def notice_of_shards(config: dict, folder: Path) -> str:
    """Return what to say before states are relaxed again only because shards are cut differently.

    Args:
        config: of the run.
        folder: of the run, with what it holds so far.

    Returns:
        Nothing, if the size of the shards is that of the last table or there is none.
    """
    record = folder / "tables/phases.csv-metadata.json"
    size = config["sweep"]["sets_per_shard"]
    try:
        (made,) = json.loads(record.read_text(encoding="utf-8"))["notes"]
        before = made["config"]["sweep"]["sets_per_shard"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if before == size:
        return ""
    return (
        f"sweep.sets_per_shard is {size} and was {before} when {folder} was computed: other shards"
        " are relaxed again, to the same numbers; set it back to keep those that exist"
    )
