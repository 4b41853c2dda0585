"""`moirespin explore`: a page that draws ground states while one drags, in a browser."""

import argparse
from functools import partial
from pathlib import Path

from moirespin.cli.outputs import target
from moirespin.pipeline import config_files
from moirespin.textures.model_files import SHIPPED

ROOT = Path(__file__).parents[3]
SUMMARY = "write a page that draws ground states live, for a browser"
DESCRIPTION = (
    "Write one HTML file that draws both layers by a texture model while one drags theta, J and D,"
    " with the phase diagram, probes and noise. It opens by double click and needs no network."
)
NAME = "explorer.html"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--model",
        type=Path,
        default=SHIPPED,
        metavar="PATH",
        help="texture model, a .safetensors file (default: the one in resources/textures)",
    )
    parser.add_argument(
        "--out",
        type=partial(target, endings=(".html",)),
        default=Path(NAME),
        metavar="FILE",
        help=f"the page to write (default: {NAME})",
    )


def run(options: argparse.Namespace) -> int:
    """Write the page and return the exit status.

    Raises:
        ValueError: if the model cannot be read.
        OSError: if the page cannot be written.
    """
    # Imported here: help and refusals need none of it.
    from moirespin.pages import explorer

    magnet = config_files.read_configs([ROOT / "config.yaml"])["magnet"]
    named = "" if options.model == SHIPPED else str(options.model)
    explorer.write(options.out, options.model, magnet=magnet, named=named)
    print(f"Open {options.out} in a browser")
    return 0
