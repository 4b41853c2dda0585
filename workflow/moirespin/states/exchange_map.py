"""What couples each site to the other layer."""

import xarray as xr

from moirespin.io import netcdf
from moirespin.io.schemas.states import EXCHANGE_MAP
from moirespin.states.settings import Material, build_model


def map_exchange(twist_index: int, material: Material) -> xr.Dataset:
    """Return the interlayer exchange of each site of a twist index, schema `exchange_map`."""
    bilayer, couplings = build_model(twist_index, material)
    x, y = bilayer.positions.reshape(-1, 2).T
    variables = {"x": x, "y": y, "interlayer_exchange": couplings.interlayer.sum(axis=1)}
    return netcdf.make(EXCHANGE_MAP, variables, twist_index=twist_index)
