"""The netCDF files: making, checking, writing and reading datasets of a schema.

`check` holds a dataset against its schema, and `write` stores it compressed, with checksums and CF
attributes, whole or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from moirespin.io.atomic import replaced
from moirespin.io.checksum import add_seal, check_seal
from moirespin.io.damage import reading, unusable
from moirespin.io.provenance import attributes
from moirespin.io.schemas.base import (
    BOUNDARIES,
    COMPONENTS,
    LABELS,
    LAYERS,
    PARAMETER_UNITS,
    PARAMETERS,
    PHASES,
    SPLITS,
    UNDETERMINED,
    Schema,
    flags,
    parameters,
)

__all__ = [
    "BOUNDARIES",
    "COMPONENTS",
    "LABELS",
    "LAYERS",
    "PARAMETERS",
    "PARAMETER_UNITS",
    "PHASES",
    "SPLITS",
    "UNDETERMINED",
]

IMAGE_SCALE = np.float32(1 / 32767)
# The attribute that holds the format number of a file's schema.
FORMAT = "format"


def make(
    schema: Schema, variables: dict, labels: dict | None = None, **attributes: Any
) -> xr.Dataset:
    """Return a dataset of a schema from arrays, with its attributes.

    `labels` names the entries of dimensions whose labels the schema does not fix.

    Raises:
        ValueError: if variables are missing, unknown or of other dimensions.
    """
    if variables.keys() != schema.variables.keys():
        odd = sorted(variables.keys() ^ schema.variables.keys())
        raise ValueError(
            f"a {schema.name} has other variables: {', '.join(odd)} missing or unknown"
        )
    arrays = {}
    for name, variable in schema.variables.items():
        about = {"units": variable.units, "long_name": variable.long_name}
        about |= variable.attributes or {}
        if labels and variable.place_in in labels:
            about |= flags(labels[variable.place_in], variable.dtype)
        arrays[name] = xr.Variable(variable.dims, np.asarray(variables[name]), about)
    dataset = xr.Dataset(
        arrays, attrs={"Conventions": "CF-1.11", "title": schema.name} | attributes
    )
    fixed = {dim: list(LABELS[dim]) for dim in dataset.dims if dim in LABELS}
    dataset = dataset.assign_coords(fixed | (labels or {}))
    axes = [
        name for name in schema.variables if name in parameters("set") or name in ("x", "y", "snr")
    ]
    return check(schema, dataset.set_coords(axes))


def identity(samples: xr.Dataset) -> dict:
    """Return the variables that say which parameter sets `samples` are, and their phases."""
    return {name: samples[name].values for name in (*parameters("sample"), "phase")}


def check(schema: Schema, dataset: xr.Dataset, source: str = "dataset") -> xr.Dataset:
    """Return `dataset` if it is of `schema`.

    Raises:
        ValueError: naming `source` and its title or format, or the first variable that is missing
            or odd.
    """
    title = dataset.attrs.get("title", schema.name)
    if title != schema.name:
        raise ValueError(f"{source} is no {schema.name} but has the title {title!r}")
    # Files from before the first release have no number; what they lack or mean is checked below.
    own = dataset.attrs.get(FORMAT, schema.format)
    if own != schema.format:
        raise ValueError(
            f"{source} is a {schema.name} of format {own}, and this version of moirespin reads"
            f" format {schema.format}"
        )
    for name, variable in schema.variables.items():
        if name not in dataset:
            raise ValueError(f"{source} is no {schema.name}: it lacks the variable {name!r}")
        if dataset[name].dims != variable.dims:
            raise ValueError(
                f"{source} is no {schema.name}: {name!r} has dimensions {dataset[name].dims}"
                f" instead of {variable.dims}"
            )
        if variable.units != dataset[name].attrs.get("units"):
            raise ValueError(
                f"{source} is no {schema.name}: {name!r} has the unit"
                f" {dataset[name].attrs.get('units')!r} instead of {variable.units!r}"
            )
    return dataset


def encoding(schema: Schema, name: str) -> dict:
    """Return how a variable is stored: checksummed, compressed, images packed into 16 bits."""
    variable = schema.variables[name]
    stored: dict[str, Any] = {
        "dtype": variable.dtype,
        "_FillValue": None,
        "fletcher32": True,
        "zlib": True,
    }
    stored |= {"complevel": 1, "shuffle": True}
    if variable.dtype == "i2" and "x" in variable.dims:
        stored |= {"scale_factor": IMAGE_SCALE, "_FillValue": np.int16(-32768)}
    return stored


def ready(schema: Schema, dataset: xr.Dataset, *, made: dict | None) -> xr.Dataset:
    """Return a dataset of a schema with what its file says of itself: format number and making.

    Raises:
        ValueError: as `check`.
    """
    about = {FORMAT: schema.format} | attributes(made or {})
    return check(schema, dataset).assign_attrs(about)


def write(
    schema: Schema, dataset: xr.Dataset, path: str | Path, *, made: dict | None = None
) -> None:
    """Write a dataset of a schema to `path`, whole or not at all.

    `made` is what `provenance.of` returns; it takes the place of what files that went into the
    dataset say about their own making.
    """
    dataset = ready(schema, dataset, made=made)
    layout = {name: encoding(schema, name) for name in schema.variables}
    with replaced(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=layout)
        add_seal(temporary)


def read(schema: Schema, path: str | Path) -> xr.Dataset:
    """Return the dataset of a schema at `path`, loaded and checked.

    Raises:
        ValueError: if the file cannot be read, fails its checksum or is of another schema.
    """
    with reading(path):
        check_seal(path)
        with xr.open_dataset(path, engine="netcdf4") as file:
            dataset = file.load()
    return require(schema, dataset, path)


@contextmanager
def opened(schema: Schema, path: str | Path, **decoding: Any) -> Iterator[xr.Dataset]:
    """Yield the dataset of a schema at `path`, checked but not loaded.

    For files whose images are not all needed. `decoding` goes to xarray.open_dataset.

    Raises:
        ValueError: as `read`.
    """
    with reading(path):
        check_seal(path)
        file = xr.open_dataset(path, engine="netcdf4", **decoding)
    with file:
        yield require(schema, file, path)


def require(schema: Schema, dataset: xr.Dataset, path: str | Path) -> xr.Dataset:
    """Return what was read from `path` if it is of `schema`.

    Raises:
        ValueError: naming the file, what it lacks and what mends it.
    """
    try:
        return check(schema, dataset, "it")
    except ValueError as error:
        raise unusable(path, f"is of another kind ({error})") from error
