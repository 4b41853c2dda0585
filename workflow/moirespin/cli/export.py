"""`moirespin export`: relaxed states of a run as files for other programs."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.cli import outputs
from moirespin.cli.options import add_window, number, shorten, window_of
from moirespin.cli.state import LARGEST_INDEX, print_found

if TYPE_CHECKING:
    import xarray as xr

    from moirespin.front.runs import Run

SUMMARY = "write relaxed states of a run as files for other programs"
DESCRIPTION = (
    "Write relaxed states of a finished run, with their sites and spins, as OVF 2.0, VTK, extended"
    " XYZ, netCDF, NumPy archive, table or picture."
)
# Stands in the name of a file for the number of the set.
SET = "{set}"
LARGEST_SET = 999_999


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "run_folder", type=Path, metavar="RUN", help="folder of a run, such as results/laptop"
    )
    parser.add_argument(
        "--m",
        type=number(2, LARGEST_INDEX, whole=True),
        required=True,
        metavar="M",
        help="commensurate twist index, such as 32 for 1.02 degrees",
    )
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument(
        "--set",
        dest="sets",
        type=lambda text: [int(number(0, LARGEST_SET, whole=True)(text))],
        metavar="N",
        help="number of the parameter set within its twist angle, from 0",
    )
    chosen.add_argument(
        "--sets",
        type=listed,
        metavar="LIST",
        help=f"several, such as 0-4,7; each name of --out holds {SET}, where its number stands",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, of several sets a list")
    outputs.add_outputs(parser, outputs.OF_SITES)
    add_window(parser)


def listed(text: str) -> list[int]:
    """Return the numbers of a list such as 0-4,7, as the type of an option.

    Raises:
        argparse.ArgumentTypeError: if it is none.
    """
    found: list[int] = []
    for part in text.split(","):
        ends = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
        if first > last:
            raise argparse.ArgumentTypeError(
                f"is {shorten(text)}, but must be numbers and ranges such as 0-4,7"
            )
        found += range(first, last + 1)
    return found


def run(options: argparse.Namespace) -> int:
    """Print the states, write what was asked for, and return the exit status.

    Raises:
        ValueError: if the run has no such state, or two states would be written to one file.
        OSError: if a file cannot be written.
    """
    if len(options.sets) > 1:
        for path in options.outputs:
            if SET not in path.name:
                raise ValueError(
                    f"--out is {path}, but must hold {SET} in its name, one file for each of"
                    f" {len(options.sets)} sets"
                )
    # Imported here: help and refusals need no xarray.
    from moirespin.front.runs import open_run

    found = open_run(options.run_folder)
    states = []
    for state in found.states(options.m, options.sets):
        about = {"set_number": int(state["set_number"])} | found.describe(state)
        if not (options.json and len(options.sets) > 1):
            print_found(about, as_json=options.json)
        _write(found, state, options)
        states.append(about)
    if options.json and len(states) > 1:
        print(json.dumps(states, indent=1, allow_nan=False), flush=True)
    return 0 if all(about["converged"] for about in states) else 1


def _write(found: Run, state: xr.Dataset, options: argparse.Namespace) -> None:
    """Write a state to each file, with its number in the name."""
    number = str(int(state["set_number"]))
    paths = [path.with_name(path.name.replace(SET, number)) for path in options.outputs]
    if paths:
        outputs.write_outputs(found.as_texture(state, window_of(options)), paths)
