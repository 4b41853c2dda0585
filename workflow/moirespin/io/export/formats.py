"""Which ending of a file means which format."""

from collections.abc import Callable
from pathlib import Path

from moirespin.io.atomic import replaced
from moirespin.io.export import npz, ovf, pixel_table, vtk, xyz
from moirespin.io.export.texture import Texture


def _write_netcdf(texture: Texture, path: str) -> None:
    # Imported here: of the formats only this one needs xarray.
    from moirespin.io.export import netcdf

    netcdf.write(texture, path)


WRITERS: dict[str, Callable[[Texture, str], None]] = {
    ".npz": npz.write,
    ".nc": _write_netcdf,
    ".ovf": ovf.write,
    ".csv": pixel_table.write,
    ".vtk": vtk.write,
    ".xyz": xyz.write,
}
# Formats that hold nothing but sites.
NEED_SITES = (".vtk", ".xyz")


def write(texture: Texture, path: str | Path) -> None:
    """Write a texture in the format of the ending of `path`, whole or not at all.

    Raises:
        ValueError: if there is no such format, or it holds sites and the texture has none.
        OSError: if the file cannot be written.
    """
    ending = Path(path).suffix.lower()
    if ending not in WRITERS:
        raise ValueError(f"{path} must end in one of {', '.join(WRITERS)}")
    if ending in NEED_SITES and texture.sites is None:
        raise ValueError(f"{path} would hold sites, but this state is known on pixels only")
    with replaced(path) as unfinished:
        WRITERS[ending](texture, unfinished)
