"""What a finished run holds, as paths within its folder: for the Snakefile and for the archive."""

from moirespin.analysis.registry import TABLES
from moirespin.figures.registry import FIGURES

KINDS = ("png", "pdf", "csv")
MODELS = ("twist_angle", "exchange", "anisotropy", "generator", "joint")


def figures() -> list[str]:
    """Return the figures: pictures and plotted numbers."""
    drawn = [figure.name for figure in FIGURES if figure.by_default]
    return [f"figures/{name}.{kind}" for name in drawn for kind in KINDS]


def tables() -> list[str]:
    """Return the tables."""
    return [table.file for table in TABLES]


def models() -> list[str]:
    """Return the weights of the networks and their descriptions."""
    return [f"models/{name}.{kind}" for name in MODELS for kind in ("safetensors", "json")]
