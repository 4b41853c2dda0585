"""The paper's two networks (its figs. 12 and 13) in Flax nnx.

Layer sizes that the paper's text gives are kept by the config's defaults; h1, h3 and the
generator's hidden widths, which it does not give, are our choice.

Networks treat a batch: the first axis is the sample.
"""

import jax
import jax.numpy as jnp
from flax import nnx

from moirespin.io.packed_images import unpack

# Some GPUs would otherwise multiply with 10 bits of a float32's 23.
jax.config.update("jax_default_matmul_precision", "highest")


class Fixed(nnx.Variable):
    """An array that belongs to a network but is not trained, such as the mean image."""


class Regressor(nnx.Module):
    """Two images -> one number (the paper's fig. 12).

    Each image, standardised per pixel and flattened, goes through two dense layers of its own;
    both results are joined and go through two more; GELU throughout, linear at the end.
    """

    def __init__(self, pixels: int, *, first: int, features: int, third: int, rngs: nnx.Rngs):
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
        self, pixels: int, *, first: int, second: int, input_scale: list[float], rngs: nnx.Rngs
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
