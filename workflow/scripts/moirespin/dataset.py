"""The one schema of all netCDF files: dimensions, names, units; writing, checking, joining.

Every file is described by a `Schema`. `check` holds a dataset against it, `write` stores it
compressed, with checksums and CF attributes, whole or not at all, and `mock` makes a random
dataset of the same schema for tests.
"""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

LAYERS = ("top", "bottom")
COMPONENTS = ("x", "y", "z")
PARAMETERS = ("twist_angle", "exchange", "anisotropy")
PARAMETER_UNITS = {"twist_angle": "degree", "exchange": "meV", "anisotropy": "meV"}
SPLITS = ("train", "validation", "test")
PHASES = ("FM", "NCD", "MD")
UNDETERMINED = -1
BOUNDARIES = ("FM-NCD", "NCD-MD")
REMEDY = "delete it and run snakemake again"
IMAGE_SCALE = np.float32(1 / 32767)


class Variable(NamedTuple):
    """One variable: dimensions, type on disk, unit and meaning."""

    dims: tuple[str, ...]
    dtype: str
    units: str
    long_name: str
    attributes: dict | None = None


def _flags(meanings) -> dict:
    return {
        "flag_values": np.arange(len(meanings), dtype=np.int8),
        "flag_meanings": " ".join(meanings),
    }


def _parameters(dim: str) -> dict[str, Variable]:
    return {
        "twist_index": Variable((dim,), "i4", "1", "commensurate twist index m"),
        "set_number": Variable((dim,), "i4", "1", "number of the parameter set within its angle"),
        "twist_angle": Variable((dim,), "f8", "degree", "twist angle theta_m"),
        "exchange": Variable((dim,), "f8", "meV", "intralayer ferromagnetic exchange J"),
        "anisotropy": Variable((dim,), "f8", "meV", "single-ion anisotropy D"),
    }


PHASE_FLAGS = _flags(PHASES) | {"comment": "-1 where no start of the set gave a state"}
_STATE = {
    "magnetization": Variable(("set", "layer"), "f8", "1", "mean S^z of a layer, eq. (13)"),
    "energy": Variable(("set",), "f8", "meV", "ground-state energy per supercell"),
    "winner": Variable(("set",), "i2", "1", "start that gave the ground state, -1 for none"),
    "gap_to_runner_up": Variable(
        ("set",), "f8", "meV", "energy of the next state that is not degenerate, above the winner"
    ),
    "steps": Variable(("set",), "i4", "1", "field evaluations of the winning start"),
    "max_torque": Variable(("set",), "f4", "meV", "largest |S x h| of the ground state"),
    "status": Variable(("set",), "i1", "1", "how the relaxation of the winner ended"),
    "converged": Variable(("set",), "i1", "1", "1 if max_torque is below the tolerance"),
    "start_energy": Variable(("set", "start"), "f8", "meV", "energy that each start relaxed to"),
    "start_steps": Variable(("set", "start"), "i4", "1", "field evaluations of each start"),
    "start_status": Variable(("set", "start"), "i1", "1", "how each relaxation ended"),
    "start_magnetization": Variable(
        ("set", "start", "layer"), "f8", "1", "mean S^z of a layer for each start"
    ),
}

_GRID = ("twist", "exchange_point", "anisotropy_point")

SCHEMAS: dict[str, dict[str, Variable]] = {
    "shard": _parameters("set")
    | _STATE
    | {"spins": Variable(("set", "site", "component"), "f4", "1", "unit spin S")},
    "phase_diagram": _parameters("set")
    | {"phase": Variable(("set",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS)}
    | _STATE,
    "phase_lines": {
        "twist_index": Variable(("twist",), "i4", "1", "commensurate twist index m"),
        "twist_angle": Variable(("twist",), "f8", "degree", "twist angle theta_m"),
        "line_exchange": Variable(("exchange_point",), "f8", "meV", "intralayer exchange J"),
        "line_anisotropy": Variable(("anisotropy_point",), "f8", "meV", "anisotropy D"),
        "fm_line": Variable(
            ("twist", "exchange_point"),
            "f8",
            "meV",
            "anisotropy D below which the ferromagnetic state is linearly unstable",
        ),
        "domain_line": Variable(
            ("twist", "anisotropy_point"),
            "f8",
            "meV",
            "exchange J above which the domain state is not the ground state; NaN where it is"
            " everywhere or nowhere in the box",
        ),
    },
    "challenge": _parameters("set")
    | {
        "phase": Variable(("set",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "magnetization": _STATE["magnetization"],
        "energy": _STATE["energy"],
        "winner": _STATE["winner"],
        "excess": Variable(
            ("set", "trial"), "f8", "meV", "energy that a trial relaxed to, above the winner"
        ),
        "trial_converged": Variable(("set", "trial"), "i1", "1", "1 if the trial is relaxed"),
        "trial_steps": Variable(("set", "trial"), "i4", "1", "field evaluations of the trial"),
        "trial_magnetization": Variable(
            ("set", "trial", "layer"), "f8", "1", "mean S^z of a layer for each trial"
        ),
    },
    "exchange_map": {
        "x": Variable(("site",), "f8", "nm", "position of the site"),
        "y": Variable(("site",), "f8", "nm", "position of the site"),
        "interlayer_exchange": Variable(
            ("site",), "f8", "meV", "sum over partners of lambda J_perp; positive antiferromagnetic"
        ),
    },
    "fisher": {
        "twist_index": Variable(("twist",), "i4", "1", "commensurate twist index m"),
        "twist_angle": Variable(("twist",), "f8", "degree", "twist angle theta_m"),
        "grid_exchange": Variable(("exchange_point",), "f8", "meV", "intralayer exchange J"),
        "grid_anisotropy": Variable(("anisotropy_point",), "f8", "meV", "anisotropy D"),
        "phase": Variable(_GRID, "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "information": Variable(
            (*_GRID, "constant", "other_constant"), "f8", "1", "Fisher information, normalised J, D"
        ),
        "bound": Variable((*_GRID, "constant"), "f8", "1", "least deviation of J, D (Cramer-Rao)"),
        "weak_bound": Variable(_GRID, "f8", "1", "least deviation along the weak direction"),
        "strong_bound": Variable(_GRID, "f8", "1", "least deviation across the weak direction"),
        "weak_direction": Variable((*_GRID, "constant"), "f8", "1", "change that shows least"),
    },
    "error_alignment": {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "error": Variable(("sample", "constant"), "f8", "1", "errors of normalised J and D"),
        "weak_direction": Variable(("sample", "constant"), "f8", "1", "that of the nearest state"),
        "distance": Variable(("sample",), "f8", "1", "distance to that state, NaN for none"),
        "axis": Variable(("group", "constant"), "f8", "1", "principal axis of the errors"),
        "axis_spread_deg": Variable(("group",), "f8", "degree", "bootstrap 95 % of its turns"),
        "weak_share": Variable(("group",), "f8", "1", "squared errors along weak directions"),
        "weak_share_lower": Variable(("group",), "f8", "1", "bootstrap 2.5 % quantile of it"),
        "weak_share_upper": Variable(("group",), "f8", "1", "bootstrap 97.5 % quantile of it"),
        "common_share": Variable(("group",), "f8", "1", "the same, directions dealt at random"),
        "count": Variable(("group",), "i4", "1", "test samples that have a weak direction"),
    },
    "dataset": _parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "magnetization": Variable(("sample", "layer"), "f8", "1", "mean S^z of a layer"),
        "split": Variable(("sample",), "i1", "1", "part of the split", _flags(SPLITS)),
        "image": Variable(
            ("sample", "layer", "y", "x"), "i2", "1", "S^z on the pixel grid of the window"
        ),
        "x": Variable(("x",), "f8", "nm", "pixel centre"),
        "y": Variable(("y",), "f8", "nm", "pixel centre"),
    },
    "parameter_predictions": _parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV)"),
        "predicted": Variable(
            ("sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV)"
        ),
        "training_count": Variable(("parameter",), "i4", "1", "training samples"),
    },
    "image_predictions": _parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "layer", "y", "x"), "i2", "1", "simulated S^z"),
        "predicted": Variable(("sample", "layer", "y", "x"), "i2", "1", "generated S^z"),
        "x": Variable(("x",), "f8", "nm", "pixel centre"),
        "y": Variable(("y",), "f8", "nm", "pixel centre"),
    },
    "regression_scores": _parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV)"),
        "predicted": Variable(
            ("sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV)"
        ),
        "percentage_error": Variable(
            ("sample", "parameter"), "f8", "percent", "100 |predicted - true| / |true|"
        ),
        "error": Variable(
            ("sample", "parameter"), "f8", "1", "error of the normalised parameter, eq. (5)"
        ),
        "distance": Variable(
            ("sample", "boundary"), "f8", "1", "distance to a phase boundary, eq. (3)"
        ),
    },
    "error_pca": {
        "covariance": Variable(("parameter", "other"), "f8", "1", "covariance, eq. (6)"),
        "component": Variable(
            ("rank", "parameter"), "f8", "1", "principal axes, largest variance first"
        ),
        "variance_ratio": Variable(("rank",), "f8", "1", "share of the variance"),
        "ratio_lower": Variable(("rank",), "f8", "1", "bootstrap 2.5 % quantile of the share"),
        "ratio_upper": Variable(("rank",), "f8", "1", "bootstrap 97.5 % quantile of the share"),
        "mean_error": Variable(("parameter",), "f8", "1", "mean of the error vectors"),
    },
    "snr_scores": {
        "snr": Variable(("snr",), "f8", "dB", "signal-to-noise ratio, eq. (10)"),
        "true": Variable(("sample", "parameter"), "f8", "1", "true theta, J, D (degree, meV)"),
        "predicted": Variable(
            ("snr", "sample", "parameter"), "f8", "1", "estimated theta, J, D (degree, meV)"
        ),
        "mape": Variable(("snr", "parameter"), "f8", "percent", "mean absolute percentage error"),
    },
    "generator_scores": _parameters("sample")
    | {
        "phase": Variable(("sample",), "i1", "1", "magnetic phase, eq. (14)", PHASE_FLAGS),
        "mae": Variable(("sample", "layer"), "f8", "1", "mean |generated - true| over pixels"),
        "true_magnetization": Variable(("sample", "layer"), "f8", "1", "mean of the true image"),
        "predicted_magnetization": Variable(
            ("sample", "layer"), "f8", "1", "mean of the generated image"
        ),
        "distance": Variable(
            ("sample", "boundary"), "f8", "1", "distance to a phase boundary, eq. (3)"
        ),
    },
    "profiles": {
        "lower": Variable(("axis", "bin"), "f8", "1", "lower edge of the bin, in the axis' unit"),
        "upper": Variable(("axis", "bin"), "f8", "1", "upper edge of the bin, in the axis' unit"),
        "mean": Variable(("axis", "bin", "quantity"), "f8", "1", "mean over the bin's samples"),
        "standard_error": Variable(
            ("axis", "bin", "quantity"), "f8", "1", "standard error of the mean; NaN below 2"
        ),
        "count": Variable(("axis", "bin"), "i4", "1", "test samples in the bin"),
        "training_count": Variable(
            ("axis", "bin"), "i4", "1", "training samples in the bin; -1 where not known"
        ),
    },
}
# Labels of dimensions that are not counted but named.
LABELS = {"layer": LAYERS, "component": COMPONENTS, "boundary": BOUNDARIES}
LABELS |= {"parameter": PARAMETERS, "other": PARAMETERS}
LABELS |= {"constant": PARAMETERS[1:], "other_constant": PARAMETERS[1:]}


def make(kind: str, variables: dict, labels: dict | None = None, **attributes) -> xr.Dataset:
    """Return a dataset of schema `kind` from arrays, with its attributes.

    `labels` names the entries of dimensions whose labels the schema does not fix.

    Raises:
        ValueError: if variables are missing, unknown or of other dimensions.
    """
    schema = SCHEMAS[kind]
    if variables.keys() != schema.keys():
        odd = sorted(variables.keys() ^ schema.keys())
        raise ValueError(f"a {kind} has other variables: {', '.join(odd)} missing or unknown")
    arrays = {}
    for name, variable in schema.items():
        about = {"units": variable.units, "long_name": variable.long_name}
        about |= variable.attributes or {}
        arrays[name] = xr.Variable(variable.dims, np.asarray(variables[name]), about)
    dataset = xr.Dataset(arrays, attrs={"Conventions": "CF-1.11", "title": kind} | attributes)
    fixed = {dim: list(LABELS[dim]) for dim in dataset.dims if dim in LABELS}
    dataset = dataset.assign_coords(fixed | (labels or {}))
    axes = [name for name in schema if name in _parameters("set") or name in ("x", "y", "snr")]
    return check(kind, dataset.set_coords(axes))


def identity(samples: xr.Dataset) -> dict:
    """Return the variables that say which parameter sets `samples` are, and their phases."""
    return {name: samples[name].values for name in (*_parameters("sample"), "phase")}


def check(kind: str, dataset: xr.Dataset, source: str = "dataset") -> xr.Dataset:
    """Return `dataset` if it is a `kind`.

    Raises:
        ValueError: naming `source` and the first variable that is missing or misshapen.
    """
    for name, variable in SCHEMAS[kind].items():
        if name not in dataset:
            raise ValueError(f"{source} is no {kind}: it lacks the variable {name!r}")
        if dataset[name].dims != variable.dims:
            raise ValueError(
                f"{source} is no {kind}: {name!r} has dimensions {dataset[name].dims} instead of"
                f" {variable.dims}"
            )
        if variable.units != dataset[name].attrs.get("units"):
            raise ValueError(
                f"{source} is no {kind}: {name!r} has the unit"
                f" {dataset[name].attrs.get('units')!r} instead of {variable.units!r}"
            )
    return dataset


def encoding(kind: str, name: str) -> dict:
    """Return how a variable is stored: checksummed, compressed, images packed into 16 bits."""
    variable = SCHEMAS[kind][name]
    stored = {"dtype": variable.dtype, "_FillValue": None, "fletcher32": True, "zlib": True}
    stored |= {"complevel": 1, "shuffle": True}
    if variable.dtype == "i2" and "x" in variable.dims:
        stored |= {"scale_factor": IMAGE_SCALE, "_FillValue": np.int16(-32768)}
    return stored


@contextmanager
def replaced(path: str | Path):
    """Yield a temporary name in the folder of `path`; rename it to `path` on success.

    So a file is written whole or not at all.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield str(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write(kind: str, dataset: xr.Dataset, path: str | Path) -> None:
    """Write a dataset of schema `kind` to `path`, whole or not at all."""
    check(kind, dataset)
    layout = {name: encoding(kind, name) for name in SCHEMAS[kind]}
    with replaced(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=layout)


def read(kind: str, path: str | Path) -> xr.Dataset:
    """Return the dataset of schema `kind` at `path`, loaded and checked.

    Raises:
        ValueError: if the file cannot be read, fails its checksum or is of another schema.
    """
    try:
        with xr.open_dataset(path, engine="netcdf4") as file:
            dataset = file.load()
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is unreadable ({error}): {REMEDY}") from error
    return check(kind, dataset, str(path))


@contextmanager
def opened(kind: str, path: str | Path, **decoding):
    """Yield the dataset of schema `kind` at `path`, checked but not loaded.

    For files whose images are not all needed. `decoding` goes to xarray.open_dataset.

    Raises:
        ValueError: as `read`.
    """
    try:
        file = xr.open_dataset(path, engine="netcdf4", **decoding)
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is unreadable ({error}): {REMEDY}") from error
    with file:
        yield check(kind, file, str(path))


def mock(kind: str, seed: int = 0, **sizes: int) -> xr.Dataset:
    """Return a random dataset of schema `kind` for tests; `sizes` gives its dimensions."""
    generator = np.random.default_rng(seed)
    sizes = {dim: len(labels) for dim, labels in LABELS.items()} | {"rank": 3} | sizes
    variables = {}
    for name, variable in SCHEMAS[kind].items():
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
    return make(kind, variables)
