"""netCDF of one state: the images and, where it has them, the sites, with units and meanings."""

import numpy as np
import xarray as xr

from moirespin.io.export.texture import Images, SpinConfiguration, Texture
from moirespin.io.schemas.base import COMPONENTS, LAYERS, Variable
from moirespin.io.schemas.states import SITES

IMAGES = {
    "image": Variable(
        ("layer", "y", "x", "component"), "f4", "1", "spin on the pixels, along the window's axes"
    ),
    "x": Variable(("x",), "f8", "nm", "pixel centre, from the middle of the window to the right"),
    "y": Variable(("y",), "f8", "nm", "pixel centre, from the middle of the window upwards"),
}
# Raised when the meaning of a variable changes.
FORMAT = 1
SPINS = {"spins": Variable(("site", "component"), "f4", "1", "unit spin S")}


def write(texture: Texture, path: str) -> None:
    """Write images, sites and, as attributes, what the state is."""
    arrays = _image_arrays(texture.images)
    if texture.sites is not None:
        arrays |= _site_arrays(texture.sites)
    known = {name: value for name, value in texture.about.items() if value is not None}
    known = {
        name: int(value) if isinstance(value, bool) else value for name, value in known.items()
    }
    dataset = xr.Dataset(
        arrays,
        coords={"layer": list(LAYERS), "component": list(COMPONENTS)},
        attrs={"Conventions": "CF-1.11", "title": "spins of a twisted bilayer", "format": FORMAT}
        | known,
    )
    layout = {name: {"zlib": True, "_FillValue": None} for name in arrays}
    dataset.to_netcdf(path, engine="netcdf4", encoding=layout)


def _image_arrays(images: Images) -> dict[str, xr.Variable]:
    values = {"image": images.spins, "x": images.centres_nm, "y": images.centres_nm}
    return {name: _described(IMAGES[name], value) for name, value in values.items()}


def _site_arrays(sites: SpinConfiguration) -> dict[str, xr.Variable]:
    in_space = np.pad(sites.moire_vectors_nm, ((0, 0), (0, 1)))
    values = {
        "position": sites.positions_nm,
        "site_layer": sites.layer,
        "sublattice": sites.sublattice,
        "spins": sites.spins,
        "moire_vector": in_space,
    }
    return {name: _described((SITES | SPINS)[name], value) for name, value in values.items()}


def _described(variable: Variable, values: np.ndarray) -> xr.Variable:
    about = {"units": variable.units, "long_name": variable.long_name}
    return xr.Variable(
        variable.dims, np.asarray(values, variable.dtype), about | (variable.attributes or {})
    )
