"""The kinds of networks, and their files: weights as safetensors, the rest as JSON beside them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from moirespin.io.atomic import replaced
from moirespin.io.damage import unreadable
from moirespin.learning.joint_network import Joint
from moirespin.learning.paper_networks import Fixed, Generator, Regressor
from moirespin.states.parameter_space import Ranges

REMEDY = "delete it and run snakemake again"
KEPT = nnx.Any(nnx.Param, Fixed)
NETWORKS: dict[str, Callable[..., nnx.Module]] = {
    "regressor": Regressor,
    "generator": Generator,
    "joint": Joint,
}


def build(kind: str, shape: dict[str, Any], seed: int) -> nnx.Module:
    """Return a fresh network of a kind; `shape` holds the arguments of its constructor."""
    return NETWORKS[kind](**shape, rngs=nnx.Rngs(seed))


def flatten(tree: Any) -> dict[str, np.ndarray]:
    """Return the arrays of a pytree under "path/leaf" names, in a fixed order."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): np.asarray(leaf)
        for path, leaf in leaves
    }


def unflatten(tree: Any, arrays: dict[str, np.ndarray], source: str) -> Any:
    """Return `tree` with its leaves replaced by `arrays`.

    Raises:
        ValueError: naming `source` and the first array that is missing or of another shape.
    """

    def take(path: jax.tree_util.KeyPath, leaf: jax.Array) -> jax.Array:
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        if name not in arrays or arrays[name].shape != leaf.shape:
            found = arrays[name].shape if name in arrays else "nothing"
            raise ValueError(f"{source}: {name} is {found}, the network needs {leaf.shape}")
        return jnp.asarray(arrays[name])

    return jax.tree_util.tree_map_with_path(take, tree)


def save_network(
    path: str, network: nnx.Module, extra: dict[str, np.ndarray], about: dict[str, Any]
) -> None:
    """Write weights to `path` (safetensors) and `about` to the JSON beside it, each whole.

    `extra` are arrays for the record, such as the parameter sets that it was trained with.
    """
    arrays = flatten(nnx.state(network, KEPT)) | extra
    with replaced(path) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)
    with replaced(Path(path).with_suffix(".json")) as temporary:
        Path(temporary).write_text(json.dumps(about, indent=1) + "\n")


def annotate(path: str, **more: Any) -> None:
    """Add to the JSON beside the weights at `path`, such as what made them; it stays whole."""
    beside = Path(path).with_suffix(".json")
    about = json.loads(beside.read_text()) | more
    with replaced(beside) as temporary:
        Path(temporary).write_text(json.dumps(about, indent=1) + "\n")


def load_network(
    path: str,
    kind: str | None = None,
    pixels: int | None = None,
    ranges: Ranges | None = None,
) -> tuple[nnx.Module, dict[str, np.ndarray], dict]:
    """Return the network at `path`, all its arrays, and the JSON beside it.

    Args:
        path: safetensors file.
        kind: what it must be, one of NETWORKS, if given.
        pixels: pixels along a side of the images that it must be for, if given.
        ranges: lower and upper end of each parameter that it must be for, if given and if the JSON
            names its own.

    Raises:
        ValueError: if the file is unreadable or of another network, naming it.
    """
    try:
        about = json.loads(Path(path).with_suffix(".json").read_text())
        arrays = load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise unreadable(path, error) from error
    found = about.get("kind") if isinstance(about, dict) else None
    if found not in NETWORKS or kind not in (None, found):
        known = kind or " or ".join(NETWORKS)
        raise ValueError(f"{path} is of the kind {found!r}, not {known}: {REMEDY}")
    try:
        network = build(found, about["shape"], about["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} has no usable shape in its JSON ({error}): {REMEDY}") from error
    if pixels not in (None, about["shape"]["pixels"]):
        own = about["shape"]["pixels"]
        raise ValueError(f"{path} is for {own} x {own} pixels, not {pixels} x {pixels}: {REMEDY}")
    for name, (lower, upper) in (ranges._asdict() if ranges else {}).items():
        own = about.get("ranges", {}).get(name, (lower, upper))
        if tuple(own) != (lower, upper):
            raise ValueError(
                f"{path} was trained with {name} from {own[0]:g} to {own[1]:g}, not from"
                f" {lower:g} to {upper:g}: {REMEDY}"
            )
    try:
        nnx.update(network, unflatten(nnx.state(network, KEPT), arrays, path))
    except ValueError as error:
        raise ValueError(f"{error}: {REMEDY}") from error
    return network, arrays, about
