"""Cards of the networks that are shipped: data, scores, range, and what they are not for.

`python -m moirespin.pages.reference` writes them to `resources/textures/README.md` from the record
beside each model.
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moirespin.pages.markdown import table
from moirespin.textures.angles import RESOLVED_RATIO

FOLDER = Path(__file__).parents[3] / "resources" / "textures"
KIND = "texture_model"
WIDTH = 100
HEAD = """\
# Networks that are shipped

`moirespin draw`, `moirespin infer` and the explorer use them; [textures.md](../../docs/textures.md)
explains how they work. This page is written by `make reference` from the record beside each model.
"""
UNITS = {"twist_angle": "θ (degree)", "exchange": "J (meV)", "anisotropy": "D (meV)"}
SCORES = {
    "states": "states",
    "mean": "mean of mean \\|ΔS^z\\|",
    "median": "median",
    "worst": "worst state",
    "sites_99th_percentile": "99th percentile over sites, mean of states",
    "magnetization_mape": "MAPE of m (%)",
}
NOT_FOR = """\
**Not for**

- another material or interlayer exchange: train one on a run of it (`models/textures.safetensors`);
- parameters outside of the ranges above: it refuses them;
- states that are not the ground state or its nearest branch, without the symmetry of the moiré
  cell, with strain, disorder or a magnetic field, or near the transition temperature;
- deciding the phase next to a phase line more closely than the scores say;
- a claim about a real sample without the check of `goodness_of_fit` that `moirespin infer` prints.
"""


def cards() -> str:
    """Return the page of all shipped models."""
    parts = [HEAD]
    for path in sorted(FOLDER.glob("*.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        if about.get("kind") == KIND:
            parts.append(card(path.stem, about))
    return "\n".join(parts)


def card(name: str, about: dict[str, Any]) -> str:
    """Return the card of one texture model.

    Args:
        name: of its files.
        about: its record.
    """
    made = about["made"]
    sweep, exchange = made["config"]["sweep"], made["config"]["interlayer"]["model"]
    textures = " and ".join(f"{count:,}" for count in about["training_textures"])
    draws = (
        f"Draws the ground state of twisted bilayer CrI3 with the interlayer exchange `{exchange}`"
        f" (λ = {made['config']['interlayer']['scale']:g}) over one moiré cell."
    )
    data = (
        f"**Data.** {about['training_sets']:,} parameter sets of relaxed ground states ({textures}"
        f" textures of the NCD and MD branch), trained on by the rule `{made['rule']}` with seed"
        f" {made['seed']}: the paper's {len(sweep['twist_indices'])} twist angles and others."
    )
    parts = [
        f"## `{name}.safetensors`\n",
        textwrap.fill(draws, WIDTH) + "\n",
        textwrap.fill(data, WIDTH) + "\n",
        "**Range**\n",
        table(
            ("parameter", "from", "to"),
            ((UNITS[key], *map(_shown, ends)) for key, ends in about["ranges"].items()),
        ),
        f"Below {about['smallest_trained_deg']:.3g}° the scaling law stands for θ, and J (θ /"
        f" {about['smallest_trained_deg']:.3g}°)² must be at least"
        f" {about['least_exchange_mev']:g} meV and {RESOLVED_RATIO:g} D.\n",
        "**Scores** on sets that it has not seen; S^z lies between −1 and 1.\n",
        table(("sets", "phase right", "phase", *SCORES.values()), _scores(about["scores"])),
        textwrap.fill(_not_scored(about["scores"]), WIDTH) + "\n",
        NOT_FOR,
    ]
    return "\n".join(parts)


def _scores(scores: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for box, found in scores.items():
        for phase, own in found.items():
            if isinstance(own, dict):
                right = f"{found['phase_right']:.2%} of {found['sets']:,}"
                numbers = (_shown(own[key]) if key in own else "" for key in SCORES)
                yield box.replace("_", " "), right, phase, *numbers


def _not_scored(scores: dict[str, Any]) -> str:
    missing = sum(found.get("not_relaxed", 0) for found in scores.values())
    return (
        f"A texture that winds around the cut of its angle is not scored, only its phase. {missing}"
        " more sets have no known phase, as one of their branches did not relax."
    )


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2g}"
