"""`moirespin draw`: a ground state by the texture model, at any angle and without a run."""

import argparse
from pathlib import Path

from moirespin.cli import outputs
from moirespin.cli.options import add_window, number, window_of
from moirespin.cli.state import print_found
from moirespin.textures.model_files import SHIPPED

SUMMARY = "draw a ground state by the texture model, in a second"
DESCRIPTION = (
    "Draw the ground state of one parameter set by a trained texture model, at any twist angle that"
    " the model knows, and print its phase, energies and magnetisation."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--twist-deg", type=number(0, 60), required=True, metavar="DEG", help="twist angle"
    )
    parser.add_argument(
        "--exchange-mev",
        type=number(0, 1000, above=True),
        required=True,
        metavar="MEV",
        help="intralayer exchange J",
    )
    parser.add_argument(
        "--anisotropy-mev",
        type=number(0, 1000),
        required=True,
        metavar="MEV",
        help="anisotropy D",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=SHIPPED,
        metavar="PATH",
        help="texture model, a .safetensors file (default: the one in resources/textures)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    outputs.add_outputs(parser, outputs.OF_PIXELS)
    add_window(parser)


def run(options: argparse.Namespace) -> int:
    """Print the state, write what was asked for, and return the exit status.

    Raises:
        ValueError: if the model does not know the parameters or cannot be read.
        OSError: if a file cannot be written.
    """
    # Imported here: help and refusals need none of it.
    from moirespin.front.drawing import as_texture, describe
    from moirespin.textures.drawing import draw
    from moirespin.textures.model_files import load_model

    model = load_model(options.model)
    parameters = options.twist_deg, options.exchange_mev, options.anisotropy_mev
    drawn = draw(
        model,
        angle_deg=options.twist_deg,
        exchange_mev=options.exchange_mev,
        anisotropy_mev=options.anisotropy_mev,
    )
    print_found(describe(model, drawn, parameters), as_json=options.json)
    if options.outputs:
        texture = as_texture(model, drawn, parameters, window=window_of(options))
        outputs.write_outputs(texture, options.outputs)
    return 0
