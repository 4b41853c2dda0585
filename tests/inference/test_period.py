"""The moire lattice of an image, to a fraction of a pixel."""

import numpy as np
import pytest

from inference.family import photograph
from moirespin.inference.measurement import MD, NCD
from moirespin.inference.period import MoireLattice, find_lattices, without_plane

FIRST = 4 * np.pi / np.sqrt(3) * 2 * np.sin(np.radians(1.5) / 2) / 0.6867


def nearest(found: list[MoireLattice], direction: float) -> float:
    """Return the distance of the nearest lattice from the true one, in pixels over the image."""
    turns = [(lattice.direction_rad - direction) % (np.pi / 3) for lattice in found]
    vectors = [
        lattice.wavevector_per_nm * np.exp(1j * turn)
        for lattice, turn in zip(found, turns, strict=True)
    ]
    ends = FIRST * np.exp(1j * np.array([0, np.pi / 3]))
    # How far the phase of a wave has run off at the edge, 40 nm from the centre, over a pixel.
    return min(abs(vector - end) for vector in vectors for end in ends) * 40 / (FIRST * 1.25)


@pytest.mark.parametrize("branch", [NCD, MD])
@pytest.mark.parametrize("rotation", [0.1, 0.8])
def test_lattice_is_found_to_a_fraction_of_a_pixel(branch, rotation):
    image = photograph(branch, rotation=rotation, noise=0.1)
    assert (
        nearest(find_lattices(image, shortest=0.5 * FIRST, longest=2 * FIRST, count=5), rotation)
        < 0.3
    )


def test_lattice_is_found_where_pixels_are_missing_and_the_background_tilts():
    image = photograph(rotation=0.3, scale=(2.0, 7.0, np.array([0.05, -0.03])))
    image.seen[:, 10:22, 30:50] = 0
    image = image._replace(images=image.images * image.seen)
    assert (
        nearest(find_lattices(image, shortest=0.5 * FIRST, longest=2 * FIRST, count=5), 0.3) < 0.5
    )


def test_period_that_does_not_fit_into_the_image_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        find_lattices(
            photograph(window_nm=20.0), shortest=0.5 * FIRST, longest=1.1 * FIRST, count=5
        )


def test_plane_is_taken_off():
    rows, columns = np.indices((20, 30))
    seen = np.ones((20, 30))
    seen[3:6] = 0
    left = without_plane((2.0 + 0.1 * rows - 0.3 * columns) * seen, seen)
    np.testing.assert_allclose(left, 0, atol=1e-12)
