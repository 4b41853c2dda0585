"""The texture model of a fit, from its files."""

from pathlib import Path

from moirespin.inference.cell_textures import from_trained
from moirespin.inference.error_examples import errors_path, load_examples
from moirespin.inference.measurement import Textures
from moirespin.probes.stray_field import Moment
from moirespin.textures.model_files import load_model


def load_textures(path: str | Path, moment: Moment) -> Textures:
    """Return a texture model with, where the file beside it has them, examples of its errors.

    Args:
        path: of the trained model.
        moment: of an atom.

    Raises:
        ValueError: naming the file, if it cannot be read, or if the errors are another model's.
    """
    examples = load_examples(path) if errors_path(path).is_file() else None
    return from_trained(load_model(path), moment=moment, examples=examples)
