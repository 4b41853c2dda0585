"""Packed images: rounding, writing a few at a time, reading in part."""

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.io import checksum, netcdf, packed_images
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS

SAMPLES = 7


def make(schema=DATASET):
    return mocks.dataset(schema, sample=SAMPLES, x=6, y=6)


def put_all(put, name, images, batch):
    for start in range(0, len(images), batch):
        put(name, start, images[start : start + batch])


def stream(contents, path, batch, schema=DATASET):
    names = packed_images.image_names(schema)
    blank = {name: (contents[name].dims, packed_images.undrawn(SAMPLES, 6)) for name in names}
    described = contents.assign(blank)
    for name in names:
        described[name].attrs = contents[name].attrs
    with packed_images.streamed(schema, described, path) as put:
        for name in names:
            put_all(put, name, contents[name].values, batch)


@pytest.mark.parametrize("array", [np.asarray, jnp.asarray])
def test_packing_is_right_to_half_a_step_and_keeps_what_is_packed(array):
    spin_z = np.linspace(-1, 1, 1001)
    stored = packed_images.pack(spin_z)
    assert stored.dtype == np.int16
    assert stored[[0, 500, 1000]].tolist() == [-32767, 0, 32767]
    found = packed_images.unpack(array(stored))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, spin_z, atol=0.5 / 32767 + 1e-7)
    np.testing.assert_array_equal(packed_images.pack(stored), stored)
    np.testing.assert_array_equal(packed_images.unpack(array(spin_z)), array(spin_z))


@pytest.mark.parametrize("schema", [DATASET, IMAGE_PREDICTIONS], ids=lambda x: x.name)
@pytest.mark.parametrize("batch", [1, 3, SAMPLES])
def test_streamed_file_is_the_one_written_at_once(tmp_path, schema, batch):
    contents = make(schema)
    netcdf.write(schema, contents, tmp_path / "once.nc")
    stream(contents, tmp_path / "streamed.nc", batch, schema)
    xr.testing.assert_identical(
        netcdf.read(schema, tmp_path / "streamed.nc"), netcdf.read(schema, tmp_path / "once.nc")
    )
    raw = [
        xr.open_dataset(tmp_path / f"{name}.nc", decode_cf=False) for name in ("streamed", "once")
    ]
    xr.testing.assert_identical(*raw)
    for name in packed_images.image_names(schema):
        for key in ("dtype", "fletcher32", "zlib", "complevel", "shuffle"):
            assert raw[0][name].encoding[key] == raw[1][name].encoding[key]
        assert raw[0][name].encoding["chunksizes"] == (1, 2, 6, 6)


def test_streaming_gives_the_same_bytes_however_it_is_cut(tmp_path):
    for batch in (2, 5):
        stream(make(), tmp_path / f"{batch}.nc", batch)
    assert (tmp_path / "2.nc").read_bytes() == (tmp_path / "5.nc").read_bytes()


def test_nothing_is_left_when_drawing_fails(tmp_path):
    def fail():
        contents = make()
        contents["image"] = contents["image"].copy(data=packed_images.undrawn(SAMPLES, 6))
        with packed_images.streamed(DATASET, contents, tmp_path / "dataset.nc") as put:
            put("image", 0, np.zeros((2, 2, 6, 6)))
            raise OSError("disk is full")

    with pytest.raises(OSError, match="disk is full"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_parts_are_read_as_they_are_stored(tmp_path):
    contents = make()
    netcdf.write(DATASET, contents, tmp_path / "dataset.nc")
    rows = np.array([True, False, True, True, False, False, True])
    with packed_images.opened(DATASET, tmp_path / "dataset.nc") as samples:
        found = packed_images.load(samples["image"].isel(sample=rows)[..., 2:5, 3:])
        np.testing.assert_array_equal(samples["exchange"], contents["exchange"])
    expected = packed_images.pack(contents["image"].values[rows, :, 2:5, 3:])
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(packed_images.load(contents["image"][rows, :, 2:5, 3:]), expected)


def test_a_flipped_byte_is_refused_by_name(tmp_path):
    path = tmp_path / "some_dataset.nc"
    netcdf.write(DATASET, mocks.dataset(DATASET, sample=40, x=20, y=20), path)
    content = bytearray(path.read_bytes())
    # Most of the file is the compressed images.
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    said = r"some_dataset\.nc is unreadable .*repair it with: rm -f .*some_dataset\.nc && snakemake"
    with pytest.raises(ValueError, match=said), packed_images.opened(DATASET, path):
        pass
    # Flipped after the seal was checked: HDF5's own checksum notices.
    path.write_bytes(content[: -checksum.LENGTH])
    with packed_images.opened(DATASET, path) as samples, pytest.raises(ValueError, match=said):
        packed_images.load(samples["image"].isel(sample=slice(1, None)))
