"""What happens to an image before a network sees it: shift, noise and rounding, for its training.

Axes:
    sample; layer, y, x: an image of both layers.
Status: our choice; the paper trains on images as they are.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from moirespin.io.packed_images import unpack


class Degradation(NamedTuple):
    """How images are made worse, at random for each sample.

    Attributes:
        snr_db: ends of the signal-to-noise ratio, eq. (10), which is uniform in dB.
        bits: to which every second image is rounded between -1 and 1.
        shift_pixels: by up to so many pixels along x and y it is shifted towards the middle of the
            window.
    """

    snr_db: tuple[float, float]
    bits: int
    shift_pixels: int


def degrade(key: jax.Array, images: jax.Array, degradation: Degradation) -> jax.Array:
    """Return images (sample, layer, y, x) as they might be measured.

    Args:
        key: of the random choices.
        images: packed or not, larger by `shift_pixels` along y and x than what is returned.
        degradation: how they are made worse.
    """
    keys = jax.random.split(key, len(images))
    return jax.vmap(degrade_one, in_axes=(0, 0, None))(keys, unpack(images), degradation)


def add_white_noise(key: jax.Array, images: jax.Array, snr_db: tuple[float, float]) -> jax.Array:
    """Return images (sample, layer, y, x), packed or not, with noise of random levels."""
    keys = jax.random.split(key, len(images))
    return jax.vmap(noisy_one, in_axes=(0, 0, None))(keys, unpack(images), snr_db)


def noisy_one(key: jax.Array, image: jax.Array, snr_db: tuple[float, float]) -> jax.Array:
    """Return one image (layer, y, x) with noise of a level between `snr_db`, eqs. (7)-(10)."""
    of_level, of_noise = jax.random.split(key)
    level = jax.random.uniform(of_level, minval=snr_db[0], maxval=snr_db[1])
    power = jnp.mean(image**2, axis=(1, 2), keepdims=True)
    deviation = jnp.sqrt(power) * 10 ** (-level / 20)
    return image + deviation * jax.random.normal(of_noise, image.shape, image.dtype)


def degrade_one(key: jax.Array, image: jax.Array, degradation: Degradation) -> jax.Array:
    """Return one image (layer, y, x) as it might be measured; arguments as of `degrade`."""
    of_shift, of_noise, of_rounding = jax.random.split(key, 3)
    spare = degradation.shift_pixels
    corner = jax.random.randint(of_shift, (2,), 0, spare + 1)
    size = image.shape[-1] - spare
    image = jax.lax.dynamic_slice(image, (0, *corner), (len(image), size, size))
    noisy = noisy_one(of_noise, image, degradation.snr_db)
    rounded = round_to_bits(noisy, degradation.bits)
    return jnp.where(jax.random.bernoulli(of_rounding), rounded, noisy)


def round_to_bits(images: jax.Array, bits: int) -> jax.Array:
    """Return images rounded to `bits` bits between -1 and 1, beyond which they are cut off."""
    steps = 2**bits - 1
    return jnp.round((jnp.clip(images, -1, 1) + 1) / 2 * steps) / steps * 2 - 1
