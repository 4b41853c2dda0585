"""A small texture with random spins, for tests of files."""

import numpy as np

from moirespin.io.export import formats
from moirespin.io.export.texture import Images, SpinConfiguration, Texture

ABOUT = {"twist_angle_deg": 1.25, "phase": "MD", "converged": True, "gap_mev": None, "offset": 0.0}
PIXELS, SITES = 5, 7


def example():
    """Return a texture whose spins, sites and pixels are all different."""
    random = np.random.default_rng(3)
    spins = random.normal(size=(SITES, 3))
    sites = SpinConfiguration(
        random.uniform(-9, 9, (SITES, 3)),
        np.arange(SITES) % 2,
        np.arange(SITES) // 2 % 2,
        spins / np.linalg.norm(spins, axis=1, keepdims=True),
        np.array([[20.0, 0.5], [-10.0, 17.0]]),
    )
    centres = (np.arange(PIXELS) - 2.0) * 0.5
    images = Images(random.uniform(-0.5, 0.5, (2, PIXELS, PIXELS, 3)), centres)
    return Texture(images, sites, 0.67, ABOUT)


def written(texture, tmp_path, ending):
    path = tmp_path / f"state{ending}"
    formats.write(texture, path)
    return path
