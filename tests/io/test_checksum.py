"""A sealed file: every flipped bit is noticed, and other programs read it as before."""

import os
import random
import resource
import signal

import netCDF4
import numpy as np
import pytest
import xarray as xr
from safetensors.numpy import save_file

from moirespin.io import checksum, netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import SHARD

FLIPS = 200


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    path = tmp_path_factory.mktemp("sealed") / "shard.nc"
    netcdf.write(SHARD, netcdf.mock(SHARD, set=4, site=40, start=2), path)
    return path


def test_every_flipped_bit_is_noticed_or_harmless(sealed, tmp_path):
    whole, truth = sealed.read_bytes(), netcdf.read(SHARD, sealed)
    path = tmp_path / "flipped.nc"
    generator = random.Random(1)
    head = range(len(whole) - checksum.LENGTH, len(whole) - checksum.LENGTH + len(checksum.HEAD))
    for place in [*generator.sample(range(head.start), FLIPS), *head, head.stop, len(whole) - 2]:
        content = bytearray(whole)
        content[place] ^= 1 << generator.randrange(8)
        path.write_bytes(content)
        if place in head:
            # Then there is no seal, and everything before it is whole.
            assert netcdf.read(SHARD, path).identical(truth)
        else:
            with pytest.raises(ValueError, match="its checksum is wrong"):
                checksum.check_seal(path)
    with pytest.raises(ValueError, match=r"flipped\.nc is unreadable \(its checksum is wrong\)"):
        netcdf.read(SHARD, path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99, 1])
def test_truncation_is_noticed(share, sealed, tmp_path):
    whole = sealed.read_bytes()
    path = tmp_path / "short.nc"
    # The last one lacks more than the seal.
    path.write_bytes(whole[: int(share * (len(whole) - checksum.LENGTH - 1))])
    with pytest.raises(ValueError, match=r"short\.nc is unreadable"):
        netcdf.read(SHARD, path)


def test_file_without_a_seal_is_read(sealed, tmp_path):
    path = tmp_path / "plain.nc"
    path.write_bytes(sealed.read_bytes()[: -checksum.LENGTH])
    assert netcdf.read(SHARD, path).identical(netcdf.read(SHARD, sealed))


def test_other_programs_read_a_sealed_file(sealed):
    with netCDF4.Dataset(sealed) as file:
        assert file["spins"].shape == (4, 40, 3)
    with xr.open_dataset(sealed) as file:
        np.testing.assert_array_equal(file["spins"], netcdf.read(SHARD, sealed)["spins"])


def write_shard(path, values):
    shard = netcdf.mock(SHARD, set=2, site=2000, start=1)
    shard["spins"][:] = values.reshape(2, 2000, 3)
    netcdf.write(SHARD, shard, path)


def write_images(path, values):
    samples = netcdf.mock(DATASET, sample=30, x=20, y=20)
    with packed_images.streamed(DATASET, samples, path) as put:
        put("image", 0, values[:12_000].reshape(-1, 2, 20, 20).astype(np.float32))


def write_weights(path, values):
    # As models and checkpoints of training are written.
    with netcdf.replaced(path) as temporary:
        save_file({"weights": values}, temporary)


def write_table(path, values):
    with netcdf.replaced(path) as temporary:
        np.savetxt(temporary, values)


@pytest.mark.parametrize("limit", [0, 1000, 10_000])
@pytest.mark.parametrize("write", [write_shard, write_images, write_weights, write_table])
def test_full_disk_is_one_sentence_and_leaves_the_old_file(write, limit, tmp_path):
    # A limit of the size of files, which the kernel enforces as it does that of a disk.
    path = tmp_path / "some.nc"
    path.write_text("old")
    values = np.random.default_rng(0).uniform(-1, 1, 12_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
    try:
        with pytest.raises(OSError, match=r"some\.nc cannot be written \(") as error:
            write(path, values)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["some.nc"]
    write(path, values)
    checksum.check_seal(path)
    assert path.read_bytes()[-checksum.LENGTH :].startswith(checksum.HEAD)
