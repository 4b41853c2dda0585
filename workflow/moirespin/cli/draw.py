"""`moirespin draw`: a ground state by the texture model, at any angle and without a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from moirespin.cli import outputs
from moirespin.cli.options import add_window, number, window_of
from moirespin.cli.state import print_found

if TYPE_CHECKING:
    from moirespin.io.export.texture import Texture
    from moirespin.textures.drawing import Drawn
    from moirespin.textures.model import TextureModel

ROOT = Path(__file__).parents[3]
SUMMARY = "draw a ground state by the texture model, in a second"
DESCRIPTION = (
    "Draw the ground state of one parameter set by a trained texture model, at any twist angle that"
    " the model knows, and print its phase, energies and magnetisation."
)
SHIPPED = ROOT / "resources" / "textures" / "c3z.safetensors"
PHASES = ("FM", "NCD", "MD")


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
    from moirespin.textures.drawing import cell_magnetization, draw
    from moirespin.textures.model_files import load_model

    model = load_model(options.model)
    drawn = draw(
        model,
        angle_deg=options.twist_deg,
        exchange_mev=options.exchange_mev,
        anisotropy_mev=options.anisotropy_mev,
    )
    top, bottom = map(float, cell_magnetization(model.waves, drawn.tilt))
    found = {
        "twist_angle_deg": options.twist_deg,
        "exchange_mev": options.exchange_mev,
        "anisotropy_mev": options.anisotropy_mev,
        "phase": PHASES[drawn.phase],
        "energy_per_spin_mev": drawn.energy_mev,
        "gap_per_spin_mev": drawn.gap_mev,
        "magnetization_top": top,
        "magnetization_bottom": bottom,
    }
    print_found(found, as_json=options.json)
    if options.outputs:
        outputs.write_outputs(_texture(model, drawn, options, found=found), options.outputs)
    return 0


def _texture(
    model: TextureModel, drawn: Drawn, options: argparse.Namespace, *, found: dict
) -> Texture:
    from moirespin.io.export.texture import Texture
    from moirespin.textures.drawing import images

    window = window_of(options)
    pose = {
        "window_nm": window.side_nm,
        "pixels": window.pixels,
        "rotation_deg": window.rotation_deg,
        "offset_x_nm": window.offset_nm[0],
        "offset_y_nm": window.offset_nm[1],
    }
    seen = images(model, drawn, angle_deg=options.twist_deg, window=window)
    return Texture(seen, None, model.about["lattice"]["layer_spacing_nm"], found | pose)
