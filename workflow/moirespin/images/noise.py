"""White noise of a given signal-to-noise ratio on images."""

import numpy as np

from moirespin.states import sweep


def add_noise(
    images: np.ndarray,
    *,
    snr_db: float,
    seed: int,
    twist_index: np.ndarray,
    set_number: np.ndarray,
    level: int,
) -> np.ndarray:
    """Return images with Gaussian white noise of variance P_S / SNR, eqs. (7)-(10).

    P_S is the mean square of the image of one layer. Each sample draws from a stream of its own,
    so that its noise depends on no other sample. Pixels may leave [-1, 1]: the paper does not say
    that they are clipped.

    Args:
        images: S^z on the pixels, shape (sample, layer, y, x).
        snr_db: signal-to-noise ratio, 10 log10 SNR.
        seed: seed of the run.
        twist_index: m of each sample.
        set_number: number of each sample's parameter set within its angle.
        level: number of this noise level, different for each.
    """
    power = np.mean(np.square(images), axis=(2, 3), keepdims=True, dtype=np.float64)
    deviation = np.sqrt(power * 10 ** (-snr_db / 10)).astype(images.dtype)
    noisy = np.empty_like(images)
    for row, (m, number) in enumerate(zip(twist_index.tolist(), set_number.tolist(), strict=True)):
        sequence = sweep.stream(seed, m, number, sweep.NOISE, level)
        generator = np.random.Generator(np.random.Philox(sequence))
        noise = generator.standard_normal(images.shape[1:], dtype=images.dtype)
        noisy[row] = images[row] + deviation[row] * noise
    return noisy
