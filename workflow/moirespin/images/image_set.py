"""Shards to the dataset of images, divided into training, validation and test part."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from moirespin.images.raster import build_raster, render
from moirespin.images.window import Window, pixel_centres
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.physics.lattice import Lattice, build_bilayer
from moirespin.states.gathering import PlannedShard, read_shard
from moirespin.states.phases import Thresholds, classify, has_image
from moirespin.states.sweep import draw_split


class Split(NamedTuple):
    """How samples are divided into parts.

    Attributes:
        test_fraction: share of the test part.
        validation_fraction: share of the validation part in what remains.
    """

    test_fraction: float
    validation_fraction: float


def draw_parts(
    split: Split, *, seed: int, twist_index: np.ndarray, number: np.ndarray
) -> np.ndarray:
    """Return the part of each sample, index into `netcdf.SPLITS`.

    The samples with the lowest draws of their own are the test set, the next ones the validation
    part of the training set: shares are exact, and a grown dataset keeps most of its split.
    """
    order = np.argsort(draw_split(seed, twist_index, number), kind="stable")
    test = round(split.test_fraction * len(order))
    validation = round(split.validation_fraction * (len(order) - test))
    parts = np.full(len(order), netcdf.SPLITS.index("train"))
    parts[order[:test]] = netcdf.SPLITS.index("test")
    parts[order[test : test + validation]] = netcdf.SPLITS.index("validation")
    return parts


def describe_samples(
    shards: list[PlannedShard], *, thresholds: Thresholds, split: Split, seed: int
) -> xr.Dataset:
    """Return all sets that are not ferromagnetic, with their part of the split, without images.

    Sets without a state have no image; they stay in the phase diagram, counted.

    Args:
        shards: in the order of the samples.
        thresholds: limits between the phases.
        split: shares of the parts.
        seed: seed of the split.

    Raises:
        ValueError: if no set is left, or a shard is unusable.
    """
    kept = []
    for planned in shards:
        shard = read_shard(planned)
        phase = classify(shard["magnetization"].values, thresholds)
        described = shard[["twist_index", "set_number", "magnetization"]]
        described["phase"] = "set", phase
        kept.append(described.isel(set=has_image(phase)))
    states = xr.concat(kept, dim="set", join="exact", combine_attrs="drop")
    if not states.sizes["set"]:
        raise ValueError(
            "every set of the sweep is ferromagnetic: widen sweep.twist_indices or lower"
            " sweep.anisotropy_mev in the config"
        )
    parts = draw_parts(
        split,
        seed=seed,
        twist_index=states["twist_index"].values,
        number=states["set_number"].values,
    )
    return states.assign(split=("set", parts))


def draw_images(
    shards: list[PlannedShard], *, thresholds: Thresholds, lattice: Lattice, window: Window
) -> Iterator[np.ndarray]:
    """Yield the images of each shard's sets that are not ferromagnetic, (set, layer, y, x).

    Args:
        shards: files and the sets that they must hold.
        thresholds: limits between the phases.
        lattice: of the layers.
        window: of the images.
    """
    raster = None
    for planned in shards:
        shard = read_shard(planned)
        phase = classify(shard["magnetization"].values, thresholds)
        spin_z = shard["spins"].values[has_image(phase), :, -1]
        if not len(spin_z):
            continue
        m = int(shard["twist_index"][0])
        if raster is None or raster[0] != m:
            bilayer = build_bilayer(m, **lattice._asdict())
            raster = m, build_raster(bilayer, window.side_nm, window.pixels)
        yield np.stack([render(raster[1], row).astype(np.float32) for row in spin_z])


def build_dataset(
    shards: list[PlannedShard],
    path: str,
    *,
    thresholds: Thresholds,
    lattice: Lattice,
    window: Window,
    split: Split,
    seed: int,
    made: dict | None = None,
) -> xr.Dataset:
    """Write the images of all sets that are not ferromagnetic to `path`, schema `dataset`.

    The shards are read twice: for what the samples are, and for their images, of which those of
    one shard are held at a time.

    Args:
        shards: in the order of the samples.
        path: file to write.
        thresholds: limits between the phases.
        lattice: of the layers.
        window: of the images.
        split: shares of the parts.
        seed: seed of the split.
        made: as for `netcdf.write`.

    Returns:
        What was written, without the images.

    Raises:
        ValueError: if no set is left, or a shard is unusable.
    """
    states = describe_samples(shards, thresholds=thresholds, split=split, seed=seed)
    names = ["twist_index", "set_number", "twist_angle", "exchange", "anisotropy"]
    names += ["phase", "magnetization", "split"]
    variables = {name: states[name].values for name in names}
    variables["image"] = packed_images.undrawn(states.sizes["set"], window.pixels)
    variables["x"] = variables["y"] = pixel_centres(window.side_nm, window.pixels)
    samples = netcdf.make(DATASET, variables)
    with packed_images.streamed(DATASET, samples, path, made=made) as put:
        start = 0
        for drawn in draw_images(shards, thresholds=thresholds, lattice=lattice, window=window):
            put("image", start, drawn)
            start += len(drawn)
    return samples.drop_vars("image")
