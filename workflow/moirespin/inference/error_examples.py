"""Examples of what a texture model gets wrong: relaxed states that it was not trained on.

An example is the model's texture less the relaxed one, as waves of the spins. Those whose
(ln J theta^2, D, ln theta) lie nearest tell how the model errs at a point.

Axes: as in `probes.waves`, without the component y; example first.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from moirespin.io import checksum
from moirespin.io.atomic import replaced
from moirespin.physics.lattice import Bilayer
from moirespin.probes.waves import waves_of_sites

# How many neighbours are asked.
NEIGHBOURS = 12
# Scale of a distance in D (meV), beside 1 of a logarithm.
ANISOTROPY_SCALE = 0.1
# The sites of a layer tell waves apart up to this share of its own shortest reciprocal vector.
ZONE_SHARE = 0.48
# A relaxed state this far from the model's, in mean square S^z over the cell, is another state: its
# domains are split between the layers.
FOREIGN = 0.02
# Under this name the file holds the SHA-256 of the model's file.
MODEL_DIGEST = "model_sha256"
# Of the file; raised when the meaning of an array changes.
FORMAT = "1"


class ErrorExamples(NamedTuple):
    """Errors of a model.

    Attributes:
        branch: index into `measurement.BRANCHES`, shape (example,).
        parameters: theta (degree), J, D (meV), shape (example, 3).
        wavevectors: in reciprocal moire vectors, shape (wave, 2).
        errors: complex64, shape (example, layer, 2, wave), components x and z.
    """

    branch: np.ndarray
    parameters: np.ndarray
    wavevectors: np.ndarray
    errors: np.ndarray


def relaxed_waves(
    bilayer: Bilayer, spins: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the waves of a relaxed state (layer, 3, wave), and which of them its sites resolve.

    Args:
        bilayer: supercell.
        spins: shape (site, 3).
        index: wavevectors in reciprocal moire vectors, shape (wave, 2).
    """
    wavevectors = index @ (2 * np.pi * np.linalg.inv(bilayer.supercell).T)
    own = 4 * np.pi / np.sqrt(3) / bilayer.lattice_constant_nm
    resolved = np.linalg.norm(wavevectors, axis=1) < ZONE_SHARE * own
    found = np.zeros((2, 3, len(index)), complex)
    positions = bilayer.positions.reshape(2, -1, 2)
    found[..., resolved] = waves_of_sites(positions, spins.reshape(2, -1, 3), wavevectors[resolved])
    return found, resolved


def nearest(examples: ErrorExamples, branch: int, at: tuple, *, index: np.ndarray) -> np.ndarray:
    """Return the errors of the nearest examples on other wavevectors.

    Args:
        examples: of both branches.
        branch: which one.
        at: theta (degree), J, D (meV).
        index: wavevectors wanted, shape (wave, 2).

    Returns:
        Complex, shape (example, layer, 3, wave); 0 for waves that the examples do not have.
    """
    own = np.flatnonzero(examples.branch == branch)
    if not len(own):
        return np.zeros((1, 2, 3, len(index)))
    far = np.linalg.norm(_place(examples.parameters[own]) - _place(np.array(at)), axis=1)
    chosen = own[np.argsort(far, kind="stable")[:NEIGHBOURS]]
    known = {tuple(pair): wave for wave, pair in enumerate(examples.wavevectors.tolist())}
    found = np.zeros((len(chosen), 2, 3, len(index)), complex)
    for wave, pair in enumerate(index.tolist()):
        if tuple(pair) in known:
            found[:, :, [0, 2], wave] = examples.errors[chosen][..., known[tuple(pair)]]
    return found


def _place(parameters: np.ndarray) -> np.ndarray:
    twist, exchange, anisotropy = np.moveaxis(parameters, -1, 0)
    return np.stack(
        [np.log(exchange * twist**2), np.log(twist), anisotropy / ANISOTROPY_SCALE], axis=-1
    )


def errors_path(model: str | Path) -> Path:
    """Return the file of examples that belongs to a model's file."""
    return Path(model).with_suffix(".errors.safetensors")


def save_examples(examples: ErrorExamples, model: str | Path) -> None:
    """Write examples beside the model's file, whole, in half precision, with its checksum."""
    arrays = {
        "branch": examples.branch.astype(np.int8),
        "parameters": examples.parameters.astype(np.float64),
        "wavevectors": examples.wavevectors.astype(np.int16),
        "real": examples.errors.real.astype(np.float16),
        "imaginary": examples.errors.imag.astype(np.float16),
    }
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with replaced(errors_path(model)) as unfinished:
        about = {"format": FORMAT, MODEL_DIGEST: checksum.digest(Path(model))}
        save_file(whole, unfinished, metadata=about)


def load_examples(model: str | Path) -> ErrorExamples:
    """Return the examples beside a model's file.

    Raises:
        ValueError: naming the file, if it cannot be read, has another format or belongs to another
            model.
    """
    path = errors_path(model)
    try:
        with safe_open(path, "np") as file:
            about = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        # The first files have no number.
        if (own := about.get("format", FORMAT)) != FORMAT:
            raise ValueError(
                f"{path} holds errors of a texture model in format {own}, and this version of"
                f" moirespin reads format {FORMAT}"
            )
        if about.get(MODEL_DIGEST) != checksum.digest(Path(model)):
            raise ValueError(
                f"{path} holds errors of another texture model than {model}: make them again with"
                f" resources/textures/make_errors.py --model {model}, or remove the file"
            )
        errors = arrays["real"].astype(np.float32) + 1j * arrays["imaginary"].astype(np.float32)
        return ErrorExamples(arrays["branch"], arrays["parameters"], arrays["wavevectors"], errors)
    except (OSError, KeyError, SafetensorError) as error:
        raise ValueError(f"{path} cannot be read as errors of a texture model: {error}") from error
