"""A sealed file: every flipped bit is noticed, and other programs read it as before."""

import random

import netCDF4
import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.io import checksum, netcdf
from moirespin.io.schemas.states import SHARD

FLIPS = 200


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    path = tmp_path_factory.mktemp("sealed") / "shard.nc"
    netcdf.write(SHARD, mocks.dataset(SHARD, set=4, site=40, start=2), path)
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
