"""Windows in any pose: what they show of the sample, and along which axes."""

import numpy as np
import pytest

from moirespin.images.raster import build_raster, raster_at, render
from moirespin.images.state_texture import as_texture, see
from moirespin.images.window import Window, pixel_centres, sample_points, seen_in_window
from moirespin.physics.lattice import rotation, symmetry_maps


@pytest.fixture(scope="module")
def bilayer(model):
    return model(3)[0]


@pytest.fixture(scope="module")
def spins(bilayer):
    values = np.random.default_rng(5).normal(size=(bilayer.sites, 3))
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_pixel_centres_are_symmetric():
    np.testing.assert_allclose(pixel_centres(100, 4), [-37.5, -12.5, 12.5, 37.5])
    np.testing.assert_allclose(pixel_centres(9, 3), [-3, 0, 3])


def test_a_quarter_turn_carries_columns_to_rows():
    plain = sample_points(Window(8.0, 4))
    turned = sample_points(Window(8.0, 4, rotation_deg=90.0, offset_nm=(1.0, -2.0)))
    # To the right in the window is upwards on the sample.
    np.testing.assert_allclose(turned[0, 3] - turned[0, 0], [0, 6], atol=1e-12)
    np.testing.assert_allclose(turned - [1, -2], plain @ [[0, 1], [-1, 0]], atol=1e-12)


def test_an_offset_by_pixels_shifts_the_images(bilayer, spins):
    shifted = see(bilayer, spins, Window(8.0, 16, offset_nm=(1.0, 0.5)))
    images = see(bilayer, spins, Window(8.0, 16))
    expected = images.spins[:, 1:, 2:]
    np.testing.assert_allclose(shifted.spins[:, :-1, :-2], expected, atol=1e-9)


def test_a_window_turned_by_the_three_fold_axis_sees_the_permuted_state(bilayer, spins):
    spin_z = spins[:, 2]
    turned = raster_at(bilayer, sample_points(Window(6.0, 12, rotation_deg=120.0)))
    carried = symmetry_maps(bilayer)["three_fold"]
    expected = render(build_raster(bilayer, 6.0, 12), spin_z[carried])
    np.testing.assert_allclose(render(turned, spin_z), expected, atol=1e-9)


def test_vectors_turn_with_the_window():
    """A field that points away from the origin does so in every window."""
    window = Window(8.0, 6, rotation_deg=37.0)
    points = sample_points(window)
    field = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)
    seen = seen_in_window(window, field)
    np.testing.assert_allclose(seen[..., :2], sample_points(Window(8.0, 6)), atol=1e-12)
    np.testing.assert_array_equal(seen[..., 2], 1)


def test_a_texture_in_blocks_is_that_of_the_whole_raster(bilayer, spins, monkeypatch):
    whole = see(bilayer, spins, Window(8.0, 10))
    expected = render(build_raster(bilayer, 8.0, 10), spins[:, 2])
    np.testing.assert_allclose(whole.spins[..., 2], expected, atol=1e-12)
    monkeypatch.setattr("moirespin.images.state_texture.BLOCK_PIXELS", 17)
    np.testing.assert_array_equal(see(bilayer, spins, Window(8.0, 10)).spins, whole.spins)


def test_sites_lie_in_their_layers_on_the_moire_lattice(bilayer, spins):
    texture = as_texture(bilayer, spins, Window(8.0, 4, 30.0, (1.0, 2.0)), about={"phase": "MD"})
    sites, half = texture.sites, bilayer.sites // 2
    spacing = bilayer.layer_spacing_nm
    np.testing.assert_allclose(sites.positions_nm[:half, 2], spacing / 2)
    np.testing.assert_allclose(sites.positions_nm[half:, 2], -spacing / 2)
    np.testing.assert_array_equal(sites.layer, np.arange(bilayer.sites) // half)
    np.testing.assert_array_equal(sites.sublattice, np.arange(bilayer.sites) // (half // 2) % 2)
    # The layers differ by a turn by theta: bonds of A to the nearest B of the same layer.
    for layer in (0, 1):
        own = sites.positions_nm[sites.layer == layer][:, :2]
        found = np.linalg.norm(own[:, None] - own, axis=-1)
        assert np.sort(found.ravel())[len(own)] == pytest.approx(
            bilayer.lattice_constant_nm / np.sqrt(3)
        )
    turn = rotation(np.pi / 3)
    np.testing.assert_allclose(
        sites.moire_vectors_nm[0] @ turn.T, sites.moire_vectors_nm[1], atol=1e-9
    )
    assert texture.about["offset_y_nm"] == 2.0 and texture.about["phase"] == "MD"
