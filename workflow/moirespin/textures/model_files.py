"""A texture model as files: safetensors, and a JSON record of what it is beside it.

Modes are kept in 16 bits but for the strongest, whose rounding would show, and so are the weights
of the components' rest; NumPy and safetensors are all that reading takes.
"""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from moirespin.io import weights
from moirespin.io.damage import one_line
from moirespin.textures.cell import build_waves
from moirespin.textures.model import Basis, TextureModel
from moirespin.textures.networks import Layer
from moirespin.textures.rest import NONE, Rest

SHIPPED = Path(__file__).parents[3] / "resources" / "textures" / "c3z.safetensors"
KIND = "texture_model"
FORMAT = 3
# Files without a rest, from before 1.1, are read as well.
READABLE = (2, FORMAT)
# Theirs, which they do not name.
OLD_LEAST_ORDER = 0.07
FULL_PRECISION_MODES = 16


def save_model(model: TextureModel, path: str | Path) -> None:
    """Write a model to `path` (.safetensors) and its record to the JSON beside it, both or none."""
    arrays = {
        "exchange": model.exchange,
        "twist_indices": np.asarray(model.twist_indices, np.int32),
        "registries": model.registries,
    }
    for name, layers in model.networks.items():
        for place, layer in enumerate(layers):
            arrays[f"networks/{name}/{place}/weights"] = layer.weights.astype(np.float32)
            arrays[f"networks/{name}/{place}/bias"] = layer.bias.astype(np.float32)
    for name, basis in model.bases.items():
        arrays[f"bases/{name}/mean"] = basis.mean.astype(np.float32)
        arrays[f"bases/{name}/scale"] = basis.scale.astype(np.float32)
        strong, weak = np.split(basis.modes, [FULL_PRECISION_MODES])
        arrays[f"bases/{name}/strong"] = strong.astype(np.float32)
        arrays[f"bases/{name}/weak"] = weak.astype(np.float16)
    arrays["rest/centres"] = model.rest.centres.astype(np.float32)
    arrays["rest/equation"] = model.rest.equation.astype(np.float32)
    arrays["rest/components"] = model.rest.components.astype(np.float16)
    named = {"kind": KIND, "format": FORMAT, "reach": model.waves.reach}
    named |= {"least_order": model.least_order}
    # A model that was read from another format has the number of that one.
    weights.write(arrays, named | model.about | named, path)


def load_model(path: str | Path) -> TextureModel:
    """Return the model at `path`.

    Raises:
        ValueError: naming the file, if it cannot be read or is no texture model.
    """
    try:
        arrays, about = weights.read(path)
    except (OSError, ValueError, RecursionError, SafetensorError) as error:
        reason = one_line(error)
        raise ValueError(f"{path} cannot be read as a texture model: {reason}") from error
    if about.get("kind") != KIND:
        raise ValueError(f"{path} is of the kind {about.get('kind')!r}, not a {KIND}")
    if about.get("format") not in READABLE:
        raise ValueError(
            f"{path} is a {KIND} of format {about.get('format')}, and this version of moirespin"
            f" reads formats {' and '.join(map(str, READABLE))}"
        )
    try:
        return _assemble(arrays, about)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a whole texture model: {error} is missing") from error


def _assemble(arrays: dict[str, np.ndarray], about: dict) -> TextureModel:
    networks = {}
    for name in sorted({key.split("/")[1] for key in arrays if key.startswith("networks/")}):
        count = sum(key.startswith(f"networks/{name}/") for key in arrays) // 2
        networks[name] = [
            Layer(*(arrays[f"networks/{name}/{place}/{part}"] for part in Layer._fields))
            for place in range(count)
        ]
    bases = {}
    for name in ("noncollinear", "even", "odd"):
        own = {part: arrays[f"bases/{name}/{part}"] for part in ("mean", "scale", "strong", "weak")}
        modes = np.concatenate([own["strong"], own["weak"].astype(np.float32)])
        bases[name] = Basis(own["mean"], modes, own["scale"])
    rest = NONE
    if about["format"] >= FORMAT:
        rest = Rest(*(arrays[f"rest/{part}"].astype(np.float64) for part in Rest._fields))
    return TextureModel(
        build_waves(about["reach"]),
        networks,
        bases,
        arrays["exchange"],
        arrays["twist_indices"],
        arrays["registries"],
        about,
        rest,
        about.get("least_order", OLD_LEAST_ORDER),
    )
