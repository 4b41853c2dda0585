"""The netCDF files: making, checking, writing and reading datasets of a schema.

`check` holds a dataset against its schema, `write` stores it compressed, with checksums and CF
attributes, whole or not at all, and `mock` makes a random dataset of a schema for tests.
"""

import os
import shlex
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import xarray as xr

from moirespin.io.checksum import add_seal, check_seal
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

SENTENCE = "cannot be written"
REMEDY = "delete it and run snakemake again"
IMAGE_SCALE = np.float32(1 / 32767)


def make(schema: Schema, variables: dict, labels: dict | None = None, **attributes) -> xr.Dataset:
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
        ValueError: naming `source` and the first variable that is missing or misshapen.
    """
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
    stored = {"dtype": variable.dtype, "_FillValue": None, "fletcher32": True, "zlib": True}
    stored |= {"complevel": 1, "shuffle": True}
    if variable.dtype == "i2" and "x" in variable.dims:
        stored |= {"scale_factor": IMAGE_SCALE, "_FillValue": np.int16(-32768)}
    return stored


@contextmanager
def replaced(path: str | Path):
    """Yield a temporary name in the folder of `path`; rename it to `path` on success.

    So a file is written whole or not at all; netCDF files are sealed.

    Raises:
        OSError: if the disk takes no more or not at all, naming `path`.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Left by a job that was killed.
        for stale in path.parent.glob(f".{path.name}.*"):
            stale.unlink()
        yield str(temporary)
        if path.suffix == ".nc":
            add_seal(temporary)
        os.replace(temporary, path)
    except Exception as error:
        # HDF5 raises RuntimeError; the error of safetensors is of neither kind.
        if not isinstance(error, OSError | RuntimeError) and "os error" not in str(error):
            raise
        # Of several files that are written together the first one says what is wrong.
        if SENTENCE in str(error):
            raise
        reason = getattr(error, "strerror", None) or error
        raise OSError(
            f"{path} {SENTENCE} ({reason}; {_free_mb(path)} MB free on its disk): make room"
            " or mend its permissions, then run snakemake again"
        ) from error
    finally:
        # A disk that cannot be written holds no temporary file.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _free_mb(path: Path) -> str:
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    return f"{shutil.disk_usage(folder).free / 1e6:.1f}"


def unreadable(path: str | Path, error: Exception) -> ValueError:
    """Return the error that names a file, what is wrong with it, and what mends it."""
    remedy = f"rm -f {shlex.quote(str(path))} && snakemake"
    return ValueError(f"{path} is unreadable ({error}): repair it with: {remedy}")


def write(schema: Schema, dataset: xr.Dataset, path: str | Path, made: dict | None = None) -> None:
    """Write a dataset of a schema to `path`, whole or not at all.

    `made` is what `origin.of` returns; it takes the place of what files that went into the dataset
    say about their own making.
    """
    dataset = check(schema, dataset).assign_attrs(attributes(made or {}))
    layout = {name: encoding(schema, name) for name in schema.variables}
    with replaced(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=layout)


def read(schema: Schema, path: str | Path) -> xr.Dataset:
    """Return the dataset of a schema at `path`, loaded and checked.

    Raises:
        ValueError: if the file cannot be read, fails its checksum or is of another schema.
    """
    try:
        check_seal(path)
        with xr.open_dataset(path, engine="netcdf4") as file:
            dataset = file.load()
    except (OSError, RuntimeError, ValueError) as error:
        raise unreadable(path, error) from error
    return check(schema, dataset, str(path))


@contextmanager
def opened(schema: Schema, path: str | Path, **decoding):
    """Yield the dataset of a schema at `path`, checked but not loaded.

    For files whose images are not all needed. `decoding` goes to xarray.open_dataset.

    Raises:
        ValueError: as `read`.
    """
    try:
        check_seal(path)
        file = xr.open_dataset(path, engine="netcdf4", **decoding)
    except (OSError, RuntimeError, ValueError) as error:
        raise unreadable(path, error) from error
    with file:
        yield check(schema, file, str(path))


def join(schema: Schema, paths: list[str], dim: str) -> xr.Dataset:
    """Return files of one schema joined along `dim`.

    Raises:
        ValueError: naming the file that is unreadable or of another schema.
    """
    parts = [read(schema, path) for path in paths]
    return xr.concat(
        parts,
        dim=dim,
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop_conflicts",
    )


def mock(schema: Schema, seed: int = 0, **sizes: int) -> xr.Dataset:
    """Return a random dataset of a schema for tests; `sizes` gives its dimensions."""
    generator = np.random.default_rng(seed)
    sizes = {dim: len(labels) for dim, labels in LABELS.items()} | {"rank": 3} | sizes
    variables = {}
    for name, variable in schema.variables.items():
        shape = [sizes[dim] for dim in variable.dims]
        values = generator.uniform(-1, 1, shape)
        if variable.dtype in ("i1", "i4") or name == "winner":
            values = generator.integers(0, 3, shape)
        elif name in ("x", "y"):
            values = np.linspace(-50, 50, shape[0])
        elif name == "snr":
            values = np.linspace(40, -10, shape[0])
        elif name in PARAMETERS or (name == "true" and "parameter" in variable.dims):
            values = generator.uniform(0.5, 5, shape)
        elif name == "distance":
            values = np.abs(values)
        variables[name] = values
    return make(schema, variables)
