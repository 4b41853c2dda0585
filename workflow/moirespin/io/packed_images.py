"""Images in 16 bits, as the files hold them: packing, writing a few at a time, reading in part.

At the paper's scale all images are 11 GB as float32 and half of that in 16 bits. They are written
as they are drawn, and a task reads the pixels that it needs and unpacks a batch at a time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.atomic import replaced
from moirespin.io.checksum import add_seal
from moirespin.io.damage import reading
from moirespin.io.schemas.base import Schema

# So many samples are unpacked at once, which takes 0.1 GB at the paper's scale.
BATCH = 256


def batches(count: int) -> list[slice]:
    """Return the rows of each batch of `count` samples."""
    return [slice(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]


def pack(images: np.ndarray) -> np.ndarray:
    """Return S^z in units of `netcdf.IMAGE_SCALE`, rounded to 16 bits; packed images stay."""
    if images.dtype == np.int16:
        return images
    return np.rint(images / netcdf.IMAGE_SCALE).astype(np.int16)


def unpack(images: Any) -> Any:
    """Return S^z as float32, of NumPy or JAX arrays.

    Images that are not packed, such as noisy ones, which may leave [-1, 1], stay as they are.
    """
    if images.dtype != np.int16:
        return images
    return images.astype(np.float32) * netcdf.IMAGE_SCALE


def image_names(schema: Schema) -> list[str]:
    """Return the variables of a schema that are stored packed."""
    return [name for name in schema.variables if "scale_factor" in netcdf.encoding(schema, name)]


def undrawn(samples: int, pixels: int) -> np.ndarray:
    """Return a placeholder for images (sample, layer, y, x) that takes no memory.

    It has their shape, so that a dataset can be described before `streamed` writes them.
    """
    return np.broadcast_to(np.float32(0), (samples, len(netcdf.LAYERS), pixels, pixels))


@contextmanager
def opened(schema: Schema, path: str | Path) -> Iterator[xr.Dataset]:
    """Yield the dataset of a schema at `path`, not loaded, its images as they are stored.

    Raises:
        ValueError: as for `netcdf.read`.
    """
    stored = dict.fromkeys(image_names(schema), False)
    with netcdf.opened(schema, path, mask_and_scale=stored) as samples:
        yield samples


def load(images: xr.DataArray) -> np.ndarray:
    """Return images of an opened dataset, packed; crop and choose before, to read no others.

    Raises:
        ValueError: if the file fails its checksum, naming it.
    """
    source = images.encoding.get("source")
    if source is None:
        return pack(images.values)
    with reading(source):
        values = images.values
    return pack(values)


@contextmanager
def streamed(
    schema: Schema, contents: xr.Dataset, path: str | Path, *, made: dict | None = None
) -> Iterator[Callable]:
    """Write a dataset of a schema whose images come a few at a time, whole or not at all.

    Args:
        schema: what the file holds.
        contents: everything but the images; those are `undrawn`.
        path: file.
        made: as for `netcdf.write`.

    Yields:
        put(name, start, images): stores images (sample, layer, y, x) from sample `start` on.
    """
    contents = netcdf.ready(schema, contents, made=made)
    names = image_names(schema)
    layout = {name: netcdf.encoding(schema, name) for name in schema.variables.keys() - names}
    with replaced(path) as temporary:
        contents.drop_vars(names).to_netcdf(temporary, engine="netcdf4", encoding=layout)
        with netCDF4.Dataset(temporary, "a") as file:
            for name in names:
                _create(file, contents[name], netcdf.encoding(schema, name))

            def put(name: str, start: int, images: np.ndarray) -> None:
                file[name][start : start + len(images)] = pack(images)

            yield put
        add_seal(temporary)


def _create(file: netCDF4.Dataset, images: xr.DataArray, stored: dict) -> None:
    """Create the variable of `images` as xarray would, but with a chunk for each sample."""
    stored = dict(stored)
    scale, fill = stored.pop("scale_factor"), stored.pop("_FillValue")
    variable = file.createVariable(
        images.name,
        stored.pop("dtype"),
        images.dims,
        fill_value=fill,
        chunksizes=(1, *images.shape[1:]),
        compression="zlib" if stored.pop("zlib") else None,
        **stored,
    )
    alongside = sorted(str(name) for name in set(images.coords) - set(images.dims))
    variable.setncatts(images.attrs | {"coordinates": " ".join(alongside), "scale_factor": scale})
    # Packed by `pack`, which rounds as xarray does.
    variable.set_auto_maskandscale(False)
