"""Images of measurements from every kind of file, and the sentence where there is none."""

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from moirespin.io.measured_images import read_image, was_drawn_here

# Rows upwards; whole numbers, so that 8 bits hold them.
VALUES = np.arange(12.0).reshape(3, 4) * 20


def write(path, values):
    ending = path.suffix
    if ending == ".npy":
        np.save(path, values)
    elif ending == ".npz":
        np.savez(path, image=values)
    elif ending == ".nc":
        xr.Dataset({"image": (("y", "x"), values)}).to_netcdf(path)
    elif ending == ".csv":
        np.savetxt(path, values, delimiter=",", header="signal")
    elif ending == ".txt":
        np.savetxt(path, values)
    elif ending == ".tif":
        Image.fromarray((values[::-1] * 200).astype(np.uint16)).save(path)
    else:
        Image.fromarray(values[::-1].astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("ending", ["npy", "npz", "nc", "csv", "txt", "png", "tif"])
def test_every_kind_of_file_gives_rows_upwards(tmp_path, ending):
    found = read_image(write(tmp_path / f"image.{ending}", VALUES), "net")
    np.testing.assert_allclose(found, VALUES * (200 if ending == "tif" else 1))


def test_rows_run_as_they_are_told_to(tmp_path):
    path = write(tmp_path / "image.npy", VALUES)
    np.testing.assert_array_equal(read_image(path, "net", "down"), VALUES[::-1])
    picture = write(tmp_path / "image.png", VALUES)
    np.testing.assert_array_equal(read_image(picture, "net", "up"), VALUES[::-1])


def test_missing_pixels_stay_missing(tmp_path):
    (tmp_path / "image.csv").write_text("1,2,3\n4,,6\n", encoding="utf-8")
    found = read_image(tmp_path / "image.csv", "net")
    assert np.isnan(found[1, 1])
    assert np.isfinite(found).sum() == 5


def test_channel_chooses_among_the_layers(tmp_path):
    path = tmp_path / "state.npz"
    np.savez(path, top=VALUES, bottom=-3 * VALUES, top_x=VALUES, centres_nm=np.arange(3.0))
    np.testing.assert_array_equal(read_image(path, "top"), VALUES)
    np.testing.assert_array_equal(read_image(path, "net"), -VALUES)
    np.testing.assert_array_equal(read_image(path, "both"), [VALUES, -3 * VALUES])


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("image.jpg", b"", "unknown ending"),
        ("image.npy", b"no numpy", "cannot be read"),
        ("image.npy", b"", "cannot be read"),
        ("image.png", b"no picture", "cannot be read"),
        ("image.nc", b"no netcdf", "cannot be read"),
        ("image.npz", b"no archive", "cannot be read"),
        ("image.csv", b"1,2\n3\n", "cannot be read"),
    ],
)
def test_file_that_is_no_image_is_refused(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        read_image(tmp_path / name, "net")


def test_images_that_this_project_drew_are_known_as_such(tmp_path):
    layer = np.ones((4, 4))
    np.savez(tmp_path / "drawn.npz", top=layer, bottom=layer, centres_nm=np.arange(4.0))
    np.savez(tmp_path / "measured.npz", top=layer, bottom=layer)
    np.save(tmp_path / "measured.npy", layer)
    drawn = [was_drawn_here(path) for path in sorted(tmp_path.iterdir())]
    assert drawn == [True, False, False]


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not a file"):
        read_image(tmp_path / "image.npy", "net")


def test_colours_are_refused(tmp_path):
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "image.png")
    with pytest.raises(ValueError, match="in colour"):
        read_image(tmp_path / "image.png", "net")


def test_pickled_arrays_are_refused(tmp_path):
    np.save(tmp_path / "image.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="cannot be read"):
        read_image(tmp_path / "image.npy", "net")
