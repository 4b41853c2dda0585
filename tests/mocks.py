"""Random datasets of a schema, for tests that need a file but not what it means."""

import numpy as np
import xarray as xr

from moirespin.io.netcdf import make
from moirespin.io.schemas.base import LABELS, PARAMETERS, Schema


def dataset(schema: Schema, seed: int = 0, **sizes: int) -> xr.Dataset:
    """Return a random dataset of a schema for tests; `sizes` gives its dimensions."""
    generator = np.random.default_rng(seed)
    labelled = {dim: len(labels) for dim, labels in LABELS.items()}
    sizes = labelled | {"rank": 3, "translation": 2} | sizes
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
