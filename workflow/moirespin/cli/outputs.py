"""The option --out of all commands: files for pictures and for other programs."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from moirespin.cli.options import shorten
from moirespin.io.export import formats
from moirespin.io.export.texture import Texture

PICTURES = (".png", ".pdf", ".svg")
OF_PIXELS = (*PICTURES, *(ending for ending in formats.WRITERS if ending not in formats.NEED_SITES))
OF_SITES = (*PICTURES, *formats.WRITERS)
HELP = {
    OF_PIXELS: "a picture (.png, .pdf, .svg), or the pixels of the window (.npz, .csv, .ovf, .nc)",
    OF_SITES: "a picture (.png, .pdf, .svg), pixels of the window (.npz, .csv, .ovf), sites of one"
    " moire cell (.vtk, .xyz), or both (.nc)",
}


def add_outputs(parser: argparse.ArgumentParser, endings: tuple[str, ...]) -> None:
    """Add --out, which may be given several times, and its older name --image.

    Args:
        parser: of a command.
        endings: what the command can write, OF_SITES or OF_PIXELS.
    """
    parser.add_argument(
        "--out",
        "--image",
        dest="outputs",
        action="append",
        default=[],
        type=partial(target, endings=endings),
        metavar="FILE",
        help=f"write the state; may be repeated. The ending says how: {HELP[endings]}",
    )


def target(text: str, *, endings: tuple[str, ...]) -> Path:
    """Return the path of a file that can be written, as the type of an option.

    Raises:
        argparse.ArgumentTypeError: if it cannot be written or has another ending.
    """
    path, shown = Path(text), shorten(text)
    folder = path.parent
    if path.suffix.lower() not in endings:
        raise argparse.ArgumentTypeError(f"is {shown}, but must end in one of {' '.join(endings)}")
    if not text.isprintable():
        raise argparse.ArgumentTypeError(f"is {shown}, but its letters must be printable")
    try:
        if not folder.is_dir():
            raise argparse.ArgumentTypeError(f"is {shown}, but there is no folder {folder}")
        if path.exists() and not path.is_file():
            raise argparse.ArgumentTypeError(f"is {shown}, but that is not a file")
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"is {shown}, which cannot be a file") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"is {shown}, but the folder {folder} cannot be written")
    return path


def write_outputs(texture: Texture, paths: list[Path]) -> None:
    """Write a texture to each of `paths`.

    Raises:
        OSError: if one cannot be written.
        ValueError: if a format holds sites and the texture has none.
    """
    for path in paths:
        if path.suffix.lower() in PICTURES:
            # Imported here: only a picture needs matplotlib.
            from moirespin.figures import state, style

            style.save_picture(state.draw(texture.images), path)
        else:
            formats.write(texture, path)
        print(f"wrote {path}", file=sys.stderr)
