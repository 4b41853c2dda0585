"""Shards to the phase diagram of all sets and to the dataset of images with its split."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from moirespin.images.raster import build_raster, render
from moirespin.images.window import pixel_centres
from moirespin.io import netcdf, packed_images
from moirespin.io.netcdf import UNDETERMINED
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.physics.lattice import build_bilayer
from moirespin.states.gathering import PlannedShard, read_shard
from moirespin.states.phases import FERROMAGNETIC, Thresholds, classify
from moirespin.states.sweep import draw_split


def gather_shards(shards: list[PlannedShard], thresholds: dict) -> xr.Dataset:
    """Return all sets without their spins and with their phases, schema `phase_diagram`."""
    rows = [read_shard(shard).drop_dims(["site", "component"]) for shard in shards]
    states = xr.concat(rows, dim="set", join="exact", combine_attrs="drop_conflicts")
    magnetization = states["magnetization"].values
    names = PHASE_DIAGRAM.variables.keys() - {"phase"}
    variables = {name: states[name].values for name in names}
    variables["phase"] = classify(magnetization, Thresholds(**thresholds))
    return netcdf.make(PHASE_DIAGRAM, variables, labels={"start": states["start"].values.tolist()})


def draw_parts(split: dict, seed: int, twist_index: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the part of each sample, index into `netcdf.SPLITS`.

    The samples with the lowest draws of their own are the test set, the next ones the validation
    part of the training set: shares are exact, and a grown dataset keeps most of its split.
    """
    order = np.argsort(draw_split(seed, twist_index, number), kind="stable")
    test = round(split["test_fraction"] * len(order))
    validation = round(split["validation_fraction"] * (len(order) - test))
    parts = np.full(len(order), netcdf.SPLITS.index("train"))
    parts[order[:test]] = netcdf.SPLITS.index("test")
    parts[order[test : test + validation]] = netcdf.SPLITS.index("validation")
    return parts


def describe_samples(
    shards: list[PlannedShard], thresholds: dict, split: dict, seed: int
) -> xr.Dataset:
    """Return all sets that are not ferromagnetic, with their part of the split, without images.

    Sets without a state have no image; they stay in the phase diagram, counted.

    Args:
        shards: in the order of the samples.
        thresholds: config block `phases`.
        split: `test_fraction`, and `validation_fraction` of what remains.
        seed: seed of the split.

    Raises:
        ValueError: if no set is left, or a shard is unusable.
    """
    kept = []
    for planned in shards:
        shard = read_shard(planned)
        phase = classify(shard["magnetization"].values, Thresholds(**thresholds))
        described = shard[["twist_index", "set_number", "magnetization"]]
        described["phase"] = "set", phase
        kept.append(described.isel(set=has_image(phase)))
    states = xr.concat(kept, dim="set", join="exact", combine_attrs="drop")
    if not states.sizes["set"]:
        raise ValueError(
            "every set of the sweep is ferromagnetic: widen sweep.twist_indices or lower"
            " sweep.anisotropy_mev in the config"
        )
    parts = draw_parts(split, seed, states["twist_index"].values, states["set_number"].values)
    return states.assign(split=("set", parts))


def has_image(phase: np.ndarray) -> np.ndarray:
    """Return which sets (set,) get an image."""
    return (phase != FERROMAGNETIC) & (phase != UNDETERMINED)


def draw_images(
    shards: list[PlannedShard], thresholds: dict, lattice: dict, images: dict
) -> Iterator[np.ndarray]:
    """Yield the images of each shard's sets that are not ferromagnetic, (set, layer, y, x).

    Args:
        shards: files and the sets that they must hold.
        thresholds: config block `phases`.
        lattice: config block `lattice`.
        images: `window_nm` and `pixels`.
    """
    raster = None
    for planned in shards:
        shard = read_shard(planned)
        phase = classify(shard["magnetization"].values, Thresholds(**thresholds))
        spin_z = shard["spins"].values[has_image(phase), :, -1]
        if not len(spin_z):
            continue
        m = int(shard["twist_index"][0])
        if raster is None or raster[0] != m:
            bilayer = build_bilayer(m, **lattice)
            raster = m, build_raster(bilayer, images["window_nm"], images["pixels"])
        yield np.stack([render(raster[1], row).astype(np.float32) for row in spin_z])


def build_dataset(
    shards: list[PlannedShard],
    path: str,
    *,
    thresholds: dict,
    lattice: dict,
    images: dict,
    split: dict,
    seed: int,
    made: dict | None = None,
) -> xr.Dataset:
    """Write the images of all sets that are not ferromagnetic to `path`, schema `dataset`.

    The shards are read twice: for what the samples are, and for their images, of which those of
    one shard are held at a time.

    Args:
        shards: in the order of the samples.
        path: file to write.
        thresholds: config block `phases`.
        lattice: config block `lattice`.
        images: `window_nm` and `pixels`.
        split: `test_fraction`, and `validation_fraction` of what remains.
        seed: seed of the split.
        made: as for `netcdf.write`.

    Returns:
        What was written, without the images.

    Raises:
        ValueError: if no set is left, or a shard is unusable.
    """
    states = describe_samples(shards, thresholds, split, seed)
    names = ["twist_index", "set_number", "twist_angle", "exchange", "anisotropy"]
    names += ["phase", "magnetization", "split"]
    variables = {name: states[name].values for name in names}
    variables["image"] = packed_images.undrawn(states.sizes["set"], images["pixels"])
    variables["x"] = variables["y"] = pixel_centres(images["window_nm"], images["pixels"])
    samples = netcdf.make(DATASET, variables)
    with packed_images.streamed(DATASET, samples, path, made) as put:
        start = 0
        for drawn in draw_images(shards, thresholds, lattice, images):
            put("image", start, drawn)
            start += len(drawn)
    return samples.drop_vars("image")
