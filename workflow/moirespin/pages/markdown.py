"""Tables in Markdown."""

from collections.abc import Iterable


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; what looks like HTML in a cell is shown as it is."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    shown = text.replace("\n", " ")
    if "\\|" not in shown:
        shown = shown.replace("|", "\\|")
    return shown if shown.startswith("`") else shown.replace("<", "&lt;")
