"""Files: round trips, damage, repeatability, packing."""

import importlib
import pkgutil

import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.io import netcdf, schemas
from moirespin.io.schemas.base import Schema
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import ERROR_PCA
from moirespin.io.schemas.states import SHARD

SIZES = {
    "set": 5,
    "start": 3,
    "site": 40,
    "twist": 3,
    "exchange_point": 4,
    "anisotropy_point": 2,
    "sample": 6,
    "x": 8,
    "y": 8,
    "snr": 4,
    "axis": 5,
    "bin": 4,
    "quantity": 3,
    "trial": 2,
    "branch": 2,
    "orbit": 3,
    "limit": 4,
    "group": 2,
}


SCHEMAS = [
    value
    for module in pkgutil.iter_modules(schemas.__path__)
    for value in vars(importlib.import_module(f"moirespin.io.schemas.{module.name}")).values()
    if isinstance(value, Schema)
]


def mock(schema, **sizes):
    dims = {dim for variable in schema.variables.values() for dim in variable.dims}
    own = {dim: size for dim, size in (SIZES | sizes).items() if dim in dims}
    return mocks.dataset(schema, **own)


def test_schemas_have_names_of_their_own():
    assert len({schema.name for schema in SCHEMAS}) == len(SCHEMAS) > 10


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_round_trip(tmp_path, schema):
    written = mock(schema)
    path = tmp_path / "new" / "folder" / "file.nc"
    netcdf.write(schema, written, path)
    found = netcdf.read(schema, path)
    assert dict(found.sizes) == dict(written.sizes)
    for name, variable in schema.variables.items():
        packed = variable.dtype == "i2" and "x" in variable.dims
        precision = {"f4": 1e-7, "f8": 0, "i2": 1 / 65534 + 1e-8 if packed else 0}
        tolerance = precision.get(variable.dtype, 0)
        assert found[name].dims == variable.dims
        assert found[name].attrs["units"] == variable.units
        assert found[name].attrs["long_name"] == variable.long_name
        np.testing.assert_allclose(found[name], written[name], rtol=0, atol=tolerance)
        with xr.open_dataset(path, decode_cf=False) as raw:
            assert raw[name].dtype == np.dtype(variable.dtype)
            assert raw[name].encoding["fletcher32"]
    for dim, labels in netcdf.LABELS.items():
        if dim in found.dims:
            assert found[dim].values.tolist() == list(labels)
    with netcdf.opened(schema, path) as opened:
        xr.testing.assert_identical(opened.load(), found)


def test_the_same_data_give_the_same_bytes(tmp_path):
    for name in ("first.nc", "second.nc"):
        netcdf.write(SHARD, mock(SHARD), tmp_path / name)
    assert (tmp_path / "first.nc").read_bytes() == (tmp_path / "second.nc").read_bytes()


@pytest.fixture
def shard_file(tmp_path):
    path = tmp_path / "some_shard.nc"
    netcdf.write(SHARD, mock(SHARD, site=4000), path)
    return path


def refusal(reader, path):
    with pytest.raises(ValueError, match=r"some_shard\.nc") as caught:
        reader(SHARD, path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_truncated_file_is_refused_by_name(shard_file):
    content = shard_file.read_bytes()
    shard_file.write_bytes(content[: len(content) // 2])
    assert f"repair it with: rm -f {shard_file} && snakemake" in refusal(netcdf.read, shard_file)


def test_a_flipped_byte_is_refused_by_name(shard_file):
    content = bytearray(shard_file.read_bytes())
    # Half of the file is the compressed spins.
    content[len(content) // 2] ^= 0xFF
    shard_file.write_bytes(content)
    assert f"repair it with: rm -f {shard_file} && snakemake" in refusal(netcdf.read, shard_file)


def test_a_missing_or_foreign_file_is_refused_by_name(tmp_path):
    path = tmp_path / "some_shard.nc"
    refusal(netcdf.read, path)
    path.write_text("no netCDF at all")
    refusal(netcdf.read, path)


def test_another_schema_is_refused_by_name(tmp_path):
    path = tmp_path / "some_shard.nc"
    netcdf.write(ERROR_PCA, mock(ERROR_PCA), path)
    assert "it is no shard but has the title 'error_pca'" in refusal(netcdf.read, path)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_another_format_is_refused_by_name(tmp_path, schema):
    path = tmp_path / "some_shard.nc"
    later = schema._replace(format=schema.format + 1)
    netcdf.write(later, mock(schema), path)
    sentence = refusal(lambda _, path: netcdf.read(schema, path), path)
    assert f"it is a {schema.name} of format {later.format}, and this version" in sentence
    assert f"reads format {schema.format})" in sentence


def test_file_that_lacks_a_variable_is_refused_by_name(tmp_path):
    path = tmp_path / "some_shard.nc"
    mock(SHARD).drop_vars("energy").to_netcdf(path)
    assert "it is no shard: it lacks the variable 'energy'" in refusal(netcdf.read, path)


def test_places_along_a_dimension_are_named():
    shard = mock(SHARD, start=2)
    variables = {name: shard[name].values for name in SHARD.variables}
    winner = netcdf.make(SHARD, variables, labels={"start": ["tilted", "domain"]})["winner"]
    assert winner.attrs["flag_meanings"] == "tilted domain"
    assert winner.attrs["flag_values"].tolist() == [0, 1]
    assert winner.attrs["flag_values"].dtype == SHARD.variables["winner"].dtype


def test_other_units_and_dimensions_are_refused():
    odd = mock(SHARD)
    odd["energy"].attrs["units"] = "J"
    with pytest.raises(ValueError, match=r"here\.nc is no shard: 'energy' has the unit 'J'"):
        netcdf.check(SHARD, odd, "here.nc")
    with pytest.raises(ValueError, match="'energy' has dimensions"):
        netcdf.check(SHARD, mock(SHARD).assign(energy=("start", np.zeros(3))))


def test_missing_and_unknown_variables_are_named():
    variables = {name: 0 for name in ERROR_PCA.variables} | {"colour": 1}
    del variables["covariance"]
    with pytest.raises(ValueError, match="colour, covariance missing or unknown"):
        netcdf.make(ERROR_PCA, variables)


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "some_shard.nc"
    netcdf.write(SHARD, mock(SHARD), path)
    before = path.read_bytes()

    def half_written(self, target, **_):
        with open(target, "wb") as file:
            file.write(b"half")
        raise OSError("disk is full")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", half_written)
    with pytest.raises(OSError, match="disk is full"):
        netcdf.write(SHARD, mock(SHARD), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["some_shard.nc"]


def test_spins_have_no_fill_value_and_come_back_exactly(tmp_path):
    written = mock(SHARD)
    values = written["spins"].values.astype(np.float32)
    # The fill values that a library would take by default.
    values.flat[:2] = 9.96921e36, -32768
    written["spins"][:] = values
    netcdf.write(SHARD, written, tmp_path / "shard.nc")
    with xr.open_dataset(tmp_path / "shard.nc", decode_cf=False) as raw:
        assert "_FillValue" not in raw["spins"].attrs
    found = netcdf.read(SHARD, tmp_path / "shard.nc")["spins"].values
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, values)


def test_images_are_packed_to_half_a_step(tmp_path):
    written = mock(DATASET, sample=3)
    edges = np.array([-1.0, 1.0, 0.0, 0.5 / 32767, -0.49 / 32767])
    values = written["image"].values
    values.flat[: len(edges)] = edges
    written["image"][:] = values
    netcdf.write(DATASET, written, tmp_path / "dataset.nc")
    found = netcdf.read(DATASET, tmp_path / "dataset.nc")["image"].values
    assert np.isfinite(found).all()
    assert np.abs(found - values).max() <= 0.5 / 32767 + 1e-7
    np.testing.assert_allclose(found.flat[:3], [-1, 1, 0], atol=1e-7)
