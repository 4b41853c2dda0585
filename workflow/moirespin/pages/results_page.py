"""The page of a run's results, `index.html`: numbers, failures, figures, tables and files.

Figures are linked relative to the page, so that it can be read in the run's folder and in an
unpacked archive.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from moirespin.pages.captions import caption, environment
from moirespin.pages.summaries import as_texts, findings

# The phase diagram leads; the other figures have the order of the registry, which is the paper's.
FIRST = "fig11"
HEADLINE = "paper_comparison"
# Each measured image has these pictures.
PICTURES = ("fit", "corner")
OF_THE_PAPER = re.compile(r"fig(\d\d)")


class Shown(NamedTuple):
    """A figure or a table: its name, a heading, its caption and for a table its rows."""

    name: str
    heading: str
    caption: Markup
    rows: pd.DataFrame | None = None


def write_page(
    *,
    figures: Mapping[str, str],
    tables: Mapping[str, pd.DataFrame],
    headings: Mapping[str, str],
    files: Mapping[str, str],
    also: Sequence[str],
    measurements: Sequence[str],
    made: Mapping[str, Any],
) -> str:
    """Return the page.

    Args:
        figures: what each figure shows, by name, in the order of the paper.
        tables: those of the run by name.
        headings: what each table shows, by name.
        files: what else there is to open, path in the run's folder -> what it holds.
        also: figures among `figures` that were drawn on request.
        measurements: names of the measured images that the run reads.
        made: what `provenance.of` returns.

    Raises:
        ValueError: if a caption is no reStructuredText.
    """
    config = made["config"]
    drawn = [
        Shown(name, _heading(name, shows), caption(name, config)) for name, shows in figures.items()
    ]
    tabulated = [
        Shown(name, _capital(headings[name]), caption(name, config), as_texts(table))
        for name, table in tables.items()
        if len(table)
    ]
    measured = {
        name: {kind: caption(f"measurement_{kind}", config, image=name) for kind in PICTURES}
        for name in measurements
    }
    template = environment().get_template("index.html.j2")
    return template.render(
        zip=zip,
        kind=_kind,
        run=config["run"],
        introduction=caption("workflow", config),
        findings=findings(tables),
        headline=next(table for table in tabulated if table.name == HEADLINE),
        first=next(figure for figure in drawn if figure.name == FIRST),
        paper=[f for f in drawn if f.name != FIRST and OF_THE_PAPER.fullmatch(f.name)],
        beyond=[f for f in drawn if not OF_THE_PAPER.fullmatch(f.name)],
        also=also,
        measured=measured,
        tables=tabulated,
        files=files,
        made=made,
    )


def _heading(name: str, shows: str) -> str:
    number = OF_THE_PAPER.fullmatch(name)
    return f"Figure {int(number[1])}: {shows}" if number else _capital(shows)


def _kind(column: str, cell: str) -> str:
    """Return the class of a cell: what is a number stays on one line, a "no" stands out."""
    if column == "reason":
        return column
    if column == "agrees":
        return cell
    return "number" if cell[:1].isdigit() or cell[:1] == "-" else ""


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def read_tables(paths: Mapping[str, str | Path]) -> dict[str, pd.DataFrame]:
    """Return tables by name, their texts as they stand in the files."""
    return {name: pd.read_csv(path) for name, path in paths.items()}
