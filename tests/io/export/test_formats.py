"""Writing in any format: repeatable, whole or not at all, refused in one sentence."""

import pytest
import xarray as xr

from export_example import ABOUT, PIXELS, written
from moirespin.io.export import formats
from moirespin.io.export.texture import Texture


@pytest.fixture(params=list(formats.WRITERS))
def ending(request):
    return request.param


def test_the_same_state_gives_the_same_bytes(texture, tmp_path, ending):
    first = written(texture, tmp_path, ending).read_bytes()
    assert written(texture, tmp_path, ending).read_bytes() == first


def test_nothing_is_left_of_a_file_that_fails(texture, tmp_path, ending, monkeypatch):
    def fail(texture, path):
        formats.WRITERS[".csv"](texture, path)
        raise OSError("disk full")

    path = written(texture, tmp_path, ending)
    before = path.read_bytes()
    monkeypatch.setitem(formats.WRITERS, ending, fail if ending != ".csv" else lambda *_: 1 / 0)
    with pytest.raises((OSError, ZeroDivisionError)):
        formats.write(texture, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_endings_and_missing_sites_are_refused(texture, tmp_path):
    with pytest.raises(ValueError, match=r"x\.jpg must end in one of \.npz, "):
        formats.write(texture, tmp_path / "x.jpg")
    bare = Texture(texture.images, None, 0.67, ABOUT)
    for ending in formats.NEED_SITES:
        with pytest.raises(ValueError, match="would hold sites, but"):
            formats.write(bare, tmp_path / f"x{ending}")
    assert not list(tmp_path.iterdir())
    with xr.open_dataset(written(bare, tmp_path, ".nc")) as file:
        assert "spins" not in file and file["image"].shape == (2, PIXELS, PIXELS, 3)
