"""The kinds of networks, and their files: weights as safetensors, the rest as JSON beside them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jsonschema
import numpy as np
from flax import nnx

from moirespin.io import weights
from moirespin.io.damage import one_line, reading, unusable
from moirespin.learning.joint_network import Joint
from moirespin.learning.paper_networks import Fixed, Generator, Regressor
from moirespin.states.parameter_space import Ranges

# Of a network's files; raised when a network of the same kind and shape computes something else
# from the same weights, or an entry of the record has another meaning.
FORMAT = 1
KEPT = nnx.Any(nnx.Param, Fixed)
NETWORKS: dict[str, Callable[..., nnx.Module]] = {
    "regressor": Regressor,
    "generator": Generator,
    "joint": Joint,
}
# What a JSON must say before anything is built from it.
RECORD = jsonschema.Draft202012Validator(
    {
        "type": "object",
        "required": ["kind", "target", "shape", "seed", "sha256"],
        "properties": {
            "kind": {"enum": list(NETWORKS)},
            "target": {"type": "string"},
            "shape": {
                "type": "object",
                "required": ["pixels"],
                "properties": {"pixels": {"type": "integer", "minimum": 1}},
            },
            "seed": {"type": "integer", "minimum": 0},
            "sha256": {"type": "string"},
            "ranges": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "items": {"type": "number"},
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
        },
    }
)


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
    path: str, network: nnx.Module, extra: dict[str, np.ndarray], *, about: dict[str, Any]
) -> None:
    """Write weights to `path` (safetensors) and `about` to the JSON beside it, both or none.

    Args:
        path: safetensors file.
        network: its weights and what else it keeps are written.
        extra: arrays for the record, such as the parameter sets that it was trained with.
        about: kind, target, shape and seed, and more for the record; the checksum of the weights
            is added.
    """
    arrays = flatten(nnx.state(network, KEPT)) | extra
    weights.write(arrays, {"format": FORMAT} | about, path)


def read_record(path: str, kind: str | None = None, target: str | None = None) -> dict[str, Any]:
    """Return the JSON beside the weights at `path`, once both belong together.

    Args:
        path: safetensors file.
        kind: what the network must be, one of NETWORKS, if given.
        target: what it must have learnt, such as a parameter's name, if given.

    Raises:
        ValueError: if a file is damaged or of another network, naming `path`.
    """
    # Whichever of both is damaged, the rule makes both again once the weights are gone.
    with reading(path):
        about = weights.read_record(path)
    return require_network(path, about, kind, target=target)


def require_network(
    path: str, about: dict[str, Any], kind: str | None, *, target: str | None
) -> dict[str, Any]:
    """Return the record of a network if it is one of that kind and target.

    Raises:
        ValueError: naming `path`, what its record says and what mends it.
    """
    problem = jsonschema.exceptions.best_match(RECORD.iter_errors(about))
    if problem:
        where = ".".join(map(str, problem.path)) or "it"
        said = one_line(ValueError(problem.message))
        raise unusable(path, f"has a JSON that describes no network ({where}: {said})")
    # Files from before the first release have no number.
    if (own := about.get("format", FORMAT)) != FORMAT:
        raise unusable(
            path, f"is a network of format {own}, and this version of moirespin reads {FORMAT}"
        )
    for name, wanted in {"kind": kind, "target": target}.items():
        if wanted not in (None, about[name]):
            raise unusable(path, f"is a network of the {name} {about[name]!r}, not {wanted!r}")
    return about


def load_network(
    path: str,
    kind: str | None = None,
    pixels: int | None = None,
    *,
    ranges: Ranges | None = None,
    target: str | None = None,
) -> tuple[nnx.Module, dict[str, np.ndarray], dict[str, Any]]:
    """Return the network at `path`, all its arrays, and the JSON beside it.

    Args:
        path: safetensors file.
        kind: what it must be, one of NETWORKS, if given.
        pixels: pixels along a side of the images that it must be for, if given.
        ranges: lower and upper end of each parameter that it must be for, if given and if the JSON
            names its own.
        target: what it must have learnt, such as a parameter's name, if given.

    Raises:
        ValueError: if a file is damaged or of another network, naming `path`.
    """
    with reading(path):
        arrays, about = weights.read(path)
    require_network(path, about, kind, target=target)
    if pixels not in (None, about["shape"]["pixels"]):
        own = about["shape"]["pixels"]
        raise unusable(path, f"is for {own} x {own} pixels, not {pixels} x {pixels}")
    for name, (lower, upper) in (ranges._asdict() if ranges else {}).items():
        own = about.get("ranges", {}).get(name, (lower, upper))
        if tuple(own) != (lower, upper):
            problem = f"was trained with {name} from {own[0]:g} to {own[1]:g}, not from"
            raise unusable(path, f"{problem} {lower:g} to {upper:g}")
    try:
        # The shape alone: one from a damaged JSON could be larger than the memory.
        network = nnx.eval_shape(lambda: build(about["kind"], about["shape"], about["seed"]))
        state = unflatten(nnx.state(network, KEPT), arrays, "its JSON is of another network")
    except (TypeError, ValueError, OverflowError) as error:
        raise unusable(path, f"has no usable shape ({one_line(error)})") from error
    nnx.update(network, state)
    return network, arrays, about
