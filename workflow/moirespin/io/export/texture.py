"""What the export formats hold: the spins of both layers at sites and on the pixels of a window."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Images(NamedTuple):
    """Both layers as seen through a square window.

    Attributes:
        spins: interpolated spins along the window's axes, shape (layer, y, x, component), where
            layers are (top, bottom), components (x, y, z) and rows y upwards.
        centres_nm: pixel centres along a side of the window, the same for x and y.
    """

    spins: np.ndarray
    centres_nm: np.ndarray


class SpinConfiguration(NamedTuple):
    """The spins themselves, where they are.

    Attributes:
        positions_nm: shape (site, 3), z = 0 midway between the layers.
        layer: 0 for top, 1 for bottom, shape (site,).
        sublattice: 0 for A, 1 for B, shape (site,).
        spins: unit vectors, shape (site, 3).
        moire_vectors_nm: the two translations that repeat the texture, shape (2, 2).
    """

    positions_nm: np.ndarray
    layer: np.ndarray
    sublattice: np.ndarray
    spins: np.ndarray
    moire_vectors_nm: np.ndarray


@dataclass(frozen=True, repr=False)
class Texture:
    """One state, ready to be written.

    Attributes:
        images: both layers through a window.
        sites: the spins of one moire cell; None where a state has no sites of its own, such as
            one that was drawn at an angle that is not commensurate.
        layer_spacing_nm: vertical distance of the layers.
        about: what the state is, by names that end in their unit: numbers, texts, None.
    """

    images: Images
    sites: SpinConfiguration | None
    layer_spacing_nm: float
    about: dict

    def __repr__(self) -> str:
        pixels = len(self.images.centres_nm)
        spins = "no sites" if self.sites is None else f"{len(self.sites.spins)} sites"
        known = ", ".join(f"{name}={value!r}" for name, value in self.about.items())
        return f"<Texture of {pixels} x {pixels} pixels, {spins}: {known}>"
