"""The paper's two networks (its figs. 12 and 13) in Flax nnx, and their files.

Layer sizes that the paper's text gives are kept by the config's defaults; h1, h3 and the
generator's hidden widths, which it does not give, are our choice.

Functions and modules treat a batch: the first axis is the sample.
"""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from moirespin.io.atomic import replaced
from moirespin.io.damage import unreadable
from moirespin.io.packed_images import unpack

# Some GPUs would else multiply with 10 bits of a float32's 23.
jax.config.update("jax_default_matmul_precision", "highest")


class Fixed(nnx.Variable):
    """An array that belongs to a network but is not trained, such as the mean image."""


class Regressor(nnx.Module):
    """Two images -> one number (the paper's fig. 12).

    Each image, standardised per pixel and flattened, goes through two dense layers of its own;
    both results are joined and go through two more; GELU throughout, linear at the end.
    """

    def __init__(self, pixels: int, first: int, features: int, third: int, rngs: nnx.Rngs):
        """Build for images of `pixels` x `pixels`; widths h1, h2 = h4, h3 of the layers."""
        inputs = pixels * pixels
        self.input_mean = Fixed(jnp.zeros((2, pixels, pixels), jnp.float32))
        self.input_deviation = Fixed(jnp.ones((2, pixels, pixels), jnp.float32))
        self.top = nnx.List([nnx.Linear(inputs, first, rngs=rngs)])
        self.top.append(nnx.Linear(first, features, rngs=rngs))
        self.bottom = nnx.List([nnx.Linear(inputs, first, rngs=rngs)])
        self.bottom.append(nnx.Linear(first, features, rngs=rngs))
        self.head = nnx.List([nnx.Linear(2 * features, third, rngs=rngs)])
        self.head.append(nnx.Linear(third, features, rngs=rngs))
        self.output = nnx.Linear(features, 1, rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Return (sample, 1) from images (sample, layer, y, x), packed or not."""
        images = (unpack(images) - self.input_mean[...]) / self.input_deviation[...]
        top, bottom = (images[:, layer].reshape(len(images), -1) for layer in range(2))
        for layer in self.top:
            top = nnx.gelu(layer(top))
        for layer in self.bottom:
            bottom = nnx.gelu(layer(bottom))
        joined = jnp.concatenate([top, bottom], axis=1)
        for layer in self.head:
            joined = nnx.gelu(layer(joined))
        return self.output(joined)


class Generator(nnx.Module):
    """Normalised (theta, J, D) -> the images of both layers (the paper's fig. 13).

    Dense layers learn slow dependences first, and far from the centre an image changes fast with
    theta: inputs stretched by `input_scale` are learnt several times faster (choice).
    """

    def __init__(
        self, pixels: int, first: int, second: int, input_scale: list[float], rngs: nnx.Rngs
    ):
        """Build for images of `pixels` x `pixels`; widths of the two hidden layers."""
        self.pixels = pixels
        self.input_scale = tuple(input_scale)
        self.hidden = nnx.List([nnx.Linear(3, first, rngs=rngs)])
        self.hidden.append(nnx.Linear(first, second, rngs=rngs))
        self.output = nnx.Linear(second, 2 * pixels * pixels, rngs=rngs)

    def __call__(self, parameters: jax.Array) -> jax.Array:
        """Return S^z (sample, layer, y, x) from normalised parameters (sample, 3)."""
        features = parameters * jnp.asarray(self.input_scale, parameters.dtype)
        for layer in self.hidden:
            features = nnx.gelu(layer(features))
        return self.output(features).reshape(-1, 2, self.pixels, self.pixels)


REMEDY = "delete it and run snakemake again"
KEPT = nnx.Any(nnx.Param, Fixed)
NETWORKS = {"regressor": Regressor, "generator": Generator}


def build(kind: str, shape: dict, seed: int) -> nnx.Module:
    """Return a fresh network of a kind, `shape` being its pixels and widths."""
    return NETWORKS[kind](**shape, rngs=nnx.Rngs(seed))


def flatten(tree) -> dict[str, np.ndarray]:
    """Return the arrays of a pytree under "path/leaf" names, in a fixed order."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): np.asarray(leaf)
        for path, leaf in leaves
    }


def unflatten(tree, arrays: dict[str, np.ndarray], source: str):
    """Return `tree` with its leaves replaced by `arrays`.

    Raises:
        ValueError: naming `source` and the first array that is missing or of another shape.
    """

    def take(path, leaf):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        if name not in arrays or arrays[name].shape != leaf.shape:
            found = arrays[name].shape if name in arrays else "nothing"
            raise ValueError(f"{source}: {name} is {found}, the network needs {leaf.shape}")
        return jnp.asarray(arrays[name])

    return jax.tree_util.tree_map_with_path(take, tree)


def save_network(path: str, network: nnx.Module, extra: dict[str, np.ndarray], about: dict):
    """Write weights to `path` (safetensors) and `about` to the JSON beside it, each whole.

    `extra` are arrays for the record, such as the parameter sets that it was trained with.
    """
    arrays = flatten(nnx.state(network, KEPT)) | extra
    with replaced(path) as temporary:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)
    with replaced(Path(path).with_suffix(".json")) as temporary:
        Path(temporary).write_text(json.dumps(about, indent=1) + "\n")


def annotate(path: str, **more) -> None:
    """Add to the JSON beside the weights at `path`, such as what made them; it stays whole."""
    beside = Path(path).with_suffix(".json")
    about = json.loads(beside.read_text()) | more
    with replaced(beside) as temporary:
        Path(temporary).write_text(json.dumps(about, indent=1) + "\n")


def load_network(
    path: str,
    kind: str | None = None,
    pixels: int | None = None,
    ranges: dict[str, tuple[float, float]] | None = None,
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
    for name, ends in about.get("ranges", {}).items():
        if ranges and list(ends) != list(ranges[name]):
            raise ValueError(
                f"{path} was trained with {name} from {ends[0]:g} to {ends[1]:g}, not from"
                f" {ranges[name][0]:g} to {ranges[name][1]:g}: {REMEDY}"
            )
    try:
        nnx.update(network, unflatten(nnx.state(network, KEPT), arrays, path))
    except ValueError as error:
        raise ValueError(f"{error}: {REMEDY}") from error
    return network, arrays, about
