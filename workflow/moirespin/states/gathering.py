"""Files of many jobs put together, each held against what its job was to compute.

A whole file under the wrong name would otherwise give wrong results in silence: a set that is
there twice can lie in the training part and in the test part.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.io.damage import unusable
from moirespin.io.schemas.base import Schema
from moirespin.io.schemas.states import LINES_OF_ANGLE, PHASE_DIAGRAM, PHASE_LINES, SHARD
from moirespin.io.schemas.trials import CHALLENGE, CHALLENGE_OF_ANGLE
from moirespin.states.parameter_space import Box
from moirespin.states.phases import Thresholds, classify
from moirespin.states.sweep import Shard, Sweep, draw_parameters, list_shards


class PlannedShard(NamedTuple):
    """A file of ground states and the parameter sets that it must hold.

    Attributes:
        path: of the file.
        twist_index: commensurate index m of all its sets.
        numbers: number of each set within its angle.
        parameters_mev: (J, D) of each set, shape (set, 2).
    """

    path: str
    twist_index: int
    numbers: range
    parameters_mev: np.ndarray


def plan_sweep(paths: list[str], sweep: Sweep, seed: int) -> list[PlannedShard]:
    """Return the shards of a sweep.

    Args:
        paths: of all its shards, in their order.
        sweep: its angles, sets and box.
        seed: of the parameter draws.
    """
    cuts = list_shards(sweep.twist_indices, sweep.sets_per_angle, sweep.sets_per_shard)
    return plan_shards(paths, cuts, sweep.box, seed=seed)


def plan_shards(paths: list[str], cuts: list[Shard], box: Box, *, seed: int) -> list[PlannedShard]:
    """Return planned shards from their paths and their cuts of the sweep.

    Args:
        paths: of the files, in the order of `cuts`.
        cuts: of the sweep.
        box: ends of J and D between which sets are drawn.
        seed: of the parameter draws.
    """
    planned = []
    for path, cut in zip(paths, cuts, strict=True):
        numbers = range(cut.start, cut.stop)
        draws = draw_parameters(seed, cut.twist_index, numbers, box=box)
        planned.append(PlannedShard(path, cut.twist_index, numbers, draws))
    return planned


def read_shard(planned: PlannedShard) -> xr.Dataset:
    """Return the ground states of a shard.

    Raises:
        ValueError: if its file is unusable or holds other parameter sets, naming it.
    """
    shard = netcdf.read(SHARD, planned.path)
    _require_angle(shard, planned.path, planned.twist_index)
    found, wanted = shard["set_number"].values, np.array(planned.numbers)
    if not np.array_equal(found, wanted):
        problem = f"holds the sets {_span(found)} of its angle instead of {_span(wanted)}"
        raise unusable(planned.path, problem)
    found = np.stack([shard["exchange"].values, shard["anisotropy"].values], axis=1)
    if not np.array_equal(found, planned.parameters_mev):
        raise unusable(planned.path, "has J and D of another seed or of another box of the sweep")
    return shard


def _span(numbers: np.ndarray) -> str:
    if not len(numbers):
        return "none"
    return f"{numbers[0]} to {numbers[-1]} ({len(numbers)} of them)"


def _require_angle(dataset: xr.Dataset, path: str, twist_index: int) -> None:
    found = np.unique(dataset["twist_index"].values)
    if found.tolist() != [twist_index]:
        named = ", ".join(map(str, found)) or "none"
        raise unusable(path, f"is of the twist index {named} instead of {twist_index}")


def gather_shards(shards: list[PlannedShard], thresholds: Thresholds) -> xr.Dataset:
    """Return all sets without their spins and with their phases, schema `phase_diagram`."""
    of_sites = ["site", "component", "translation"]
    rows = [read_shard(shard).drop_dims(of_sites) for shard in shards]
    states = xr.concat(rows, dim="set", join="exact", combine_attrs="drop_conflicts")
    magnetization = states["magnetization"].values
    names = PHASE_DIAGRAM.variables.keys() - {"phase"}
    variables = {name: states[name].values for name in names}
    variables["phase"] = classify(magnetization, thresholds)
    return netcdf.make(PHASE_DIAGRAM, variables, labels={"start": states["start"].values.tolist()})


def gather_lines(paths: list[str], twist_indices: list[int], box: Box) -> xr.Dataset:
    """Return the phase lines of all angles, schema `phase_lines`.

    Args:
        paths: the file of each angle, schema `phase_lines_of_angle`.
        twist_indices: commensurate index m that each file must have.
        box: ends of J and D, from one to the other of which all lines must go.

    Raises:
        ValueError: if a file is unusable or of another angle or box, naming it.
    """
    parts = _read_angles(LINES_OF_ANGLE, paths, twist_indices)
    for path, part in zip(paths, parts, strict=True):
        for name, (low, high) in zip(("exchange", "anisotropy"), box, strict=True):
            grid = part[f"line_{name}"].values
            if not np.allclose(grid[[0, -1]], (low, high), rtol=1e-12, atol=0):
                problem = f"has lines from {grid[0]:g} to {grid[-1]:g} meV of {name} instead of"
                raise unusable(path, f"{problem} from {low:g} to {high:g}")
            if not np.array_equal(grid, parts[0][f"line_{name}"].values):
                raise unusable(path, f"has other points of {name} than {paths[0]}")
    return _join(PHASE_LINES, parts, "twist")


def gather_challenges(paths: list[str], twist_indices: list[int]) -> xr.Dataset:
    """Return the tested ground states of all tested angles, schema `challenge`.

    Args:
        paths: the file of each angle, schema `challenge_of_angle`.
        twist_indices: commensurate index m that each file must have.

    Raises:
        ValueError: if a file is unusable or of another angle, naming it.
    """
    parts = _read_angles(CHALLENGE_OF_ANGLE, paths, twist_indices)
    return _join(CHALLENGE, parts, "set")


def _read_angles(schema: Schema, paths: list[str], twist_indices: list[int]) -> list[xr.Dataset]:
    parts = [netcdf.read(schema, path) for path in paths]
    for path, part, twist_index in zip(paths, parts, twist_indices, strict=True):
        _require_angle(part, path, twist_index)
    return parts


def _join(schema: Schema, parts: list[xr.Dataset], dim: str) -> xr.Dataset:
    """Return parts joined along `dim`, as a dataset of `schema`."""
    joined = xr.concat(
        parts,
        dim=dim,
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop_conflicts",
    )
    return joined.assign_attrs(title=schema.name)
