"""Images of S^z: linear interpolation, symmetry, crops."""

import numpy as np
import pytest

from moirespin.images.raster import build_raster, central_crop, first_quadrant, render
from moirespin.images.window import pixel_centres
from moirespin.physics.lattice import symmetry_maps


@pytest.fixture(scope="module")
def bilayer(model):
    return model(3)[0]


def nearest_copies(bilayer, sites, points):
    """Return the copy of each site nearest to its pixel, by search over nine supercells."""
    steps = np.arange(-4, 5)
    shifts = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) @ bilayer.supercell
    copies = bilayer.positions.reshape(-1, 2)[sites][..., None, :] + shifts
    distance = np.linalg.norm(copies - points[..., None, None, :], axis=-1)
    nearest = distance.argmin(axis=-1)
    return np.take_along_axis(copies, nearest[..., None, None], axis=-2)[..., 0, :]


def test_pixel_centres_are_symmetric():
    np.testing.assert_allclose(pixel_centres(100, 4), [-37.5, -12.5, 12.5, 37.5])
    np.testing.assert_allclose(pixel_centres(9, 3), [-3, 0, 3])


def test_a_linear_field_is_reproduced_exactly(bilayer):
    """Of the sites' nearest copies: the weighted mean of the positions is the pixel itself."""
    raster = build_raster(bilayer, 8.0, 20)
    np.testing.assert_allclose(raster.weights.sum(axis=-1), 1, atol=1e-12)
    assert raster.weights.min() > -1e-9
    centres = pixel_centres(8.0, 20)
    points = np.stack(np.meshgrid(centres, centres), axis=-1)
    for layer in range(2):
        corners = nearest_copies(bilayer, raster.sites[layer], points)
        np.testing.assert_array_equal(raster.sites[layer] // (bilayer.sites // 2), layer)
        # Six corners of one hexagon around the pixel.
        assert np.linalg.norm(corners - points[..., None, :], axis=-1).max() < 0.8
        found = np.einsum("yxc,yxcv->yxv", raster.weights[layer], corners)
        np.testing.assert_allclose(found, points, atol=1e-9)


def test_pixels_at_sites_and_hexagon_centres(bilayer):
    """One pixel at the origin, a hexagon centre, and windows that put a pixel on a site."""
    values = np.random.default_rng(0).uniform(-1, 1, bilayer.sites)
    raster = build_raster(bilayer, 1.0, 1)
    positions = bilayer.positions.reshape(-1, 2)
    for layer in range(2):
        own = np.arange(bilayer.sites) // (bilayer.sites // 2) == layer
        ring = own & (np.linalg.norm(positions, axis=1) < 0.41)
        assert ring.sum() == 6
        image = render(raster, values)[layer, 0, 0]
        assert image == pytest.approx(values[ring].mean(), abs=1e-12)


def test_images_repeat_with_the_moire_cell(bilayer):
    """Waves of the moire lattice, sampled by the sites, look the same a period away."""
    values = np.random.default_rng(1).uniform(-1, 1, bilayer.sites)
    period = np.linalg.norm(bilayer.supercell[0])
    turned = np.arctan2(*bilayer.supercell[0][::-1])
    assert turned == pytest.approx(np.pi / 6, abs=1e-9)
    # The vertical moire translation, at 90 degrees, has the same length.
    pixels = 12
    image = render(build_raster(bilayer, 2 * period, 2 * pixels), values)
    np.testing.assert_allclose(image[:, :pixels], image[:, pixels:], atol=1e-9)
    assert np.abs(image[:, :, :pixels] - image[:, :, pixels:]).max() > 0.1


def test_layer_swap_mirrors_the_images(bilayer):
    values = np.random.default_rng(2).uniform(-1, 1, bilayer.sites)
    carried = symmetry_maps(bilayer)["layer_swap"]
    swapped = np.empty_like(values)
    swapped[carried] = values
    raster = build_raster(bilayer, 10.0, 30)
    images, mirrored = render(raster, values), render(raster, swapped)
    np.testing.assert_allclose(mirrored, images[::-1, :, ::-1], atol=1e-9)
    assert np.abs(mirrored - images).max() > 0.1


def test_rows_go_up(bilayer):
    """A texture that is a function of y alone, near the origin, grows with the row."""
    height = np.sin(bilayer.positions[..., 1] / 2).ravel()
    image = render(build_raster(bilayer, 1.5, 6), height)
    assert np.all(np.diff(image, axis=1) > 0)
    assert np.abs(np.diff(image, axis=2)).max() < np.diff(image, axis=1).min()


def test_crops_by_hand():
    image = np.arange(16).reshape(1, 4, 4)
    np.testing.assert_array_equal(first_quadrant(image), [[[10, 11], [14, 15]]])
    np.testing.assert_array_equal(central_crop(image, 2), [[[5, 6], [9, 10]]])
    np.testing.assert_array_equal(central_crop(image, 3), image[:, :3, :3])
    np.testing.assert_array_equal(central_crop(image, 4), image)
    odd = np.arange(25).reshape(1, 5, 5)
    np.testing.assert_array_equal(first_quadrant(odd), [[[18, 19], [23, 24]]])
    np.testing.assert_array_equal(central_crop(odd, 3), odd[:, 1:4, 1:4])


def test_the_quadrant_has_positive_coordinates():
    centres = pixel_centres(100, 6)
    grid = np.stack(np.meshgrid(centres, centres))
    assert first_quadrant(grid).min() > 0
    assert first_quadrant(grid).shape == (2, 3, 3)
