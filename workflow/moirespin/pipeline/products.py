"""What a finished run holds, as paths within its folder: for the Snakefile and for the archive."""

FIGURES = ("fig01", "fig02", "fig12", "fig13")
FIGURES += ("fig03", "fig04", "fig05", "fig06", "fig07", "fig08", "fig09", "fig10", "fig11")
FIGURES += ("learning_curves", "fig_beyond_fisher", "fig_worst")
TABLES = ("phases", "line_agreement", "challenge", "regression", "paper_comparison")
TABLES += ("networks", "trends", "worst_samples", "error_causes")
KINDS = ("png", "pdf", "csv")
MODELS = ("twist_angle", "exchange", "anisotropy", "generator", "joint")


def figures() -> list[str]:
    """Return the figures: pictures and plotted numbers."""
    return [f"figures/{name}.{kind}" for name in FIGURES for kind in KINDS]


def tables() -> list[str]:
    """Return the tables."""
    return [f"tables/{name}.csv" for name in TABLES]


def models() -> list[str]:
    """Return the weights of the networks and their descriptions."""
    return [f"models/{name}.{kind}" for name in MODELS for kind in ("safetensors", "json")]
