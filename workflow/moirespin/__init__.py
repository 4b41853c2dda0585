"""Twisted bilayer magnets in Python; docs/python.md shows it.

Names are imported when they are first used: `import moirespin` costs nothing.
"""

from importlib import import_module
from typing import Any

# Where each name lies.
NAMES = {
    "open_run": "front.runs",
    "Run": "front.runs",
    "draw": "front.drawing",
    "plot": "front.drawing",
    "save": "front.drawing",
    "infer": "front.measuring",
    "summarise": "inference.infer",
    "Window": "images.window",
    "Texture": "io.export.texture",
}
__all__ = sorted(NAMES)


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"moirespin.{NAMES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *NAMES]
