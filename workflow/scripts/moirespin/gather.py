"""Shards to the phase diagram of all sets and to the dataset of images with its split."""

import numpy as np
import xarray as xr

from moirespin import dataset
from moirespin.imaging import build_raster, pixel_centres, render
from moirespin.lattice import build_bilayer
from moirespin.phases import FERROMAGNETIC, UNDETERMINED, Thresholds, classify
from moirespin.sweep import draw_split


def join(kind: str, paths: list[str], dim: str) -> xr.Dataset:
    """Return files of schema `kind` joined along `dim`.

    Raises:
        ValueError: naming the file that is unreadable or of another schema.
    """
    parts = [dataset.read(kind, path) for path in paths]
    return xr.concat(
        parts,
        dim=dim,
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="exact",
        combine_attrs="drop_conflicts",
    )


def gather_shards(paths: list[str], thresholds: dict) -> xr.Dataset:
    """Return all sets without their spins and with their phases, schema `phase_diagram`."""
    rows = [dataset.read("shard", path).drop_dims(["site", "component"]) for path in paths]
    states = xr.concat(rows, dim="set", join="exact", combine_attrs="drop_conflicts")
    magnetization = states["magnetization"].values
    names = dataset.SCHEMAS["phase_diagram"].keys() - {"phase"}
    variables = {name: states[name].values for name in names}
    variables["phase"] = classify(magnetization, Thresholds(**thresholds))
    return dataset.make(
        "phase_diagram", variables, labels={"start": states["start"].values.tolist()}
    )


def draw_parts(split: dict, seed: int, twist_index: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the part of each sample, index into dataset.SPLITS.

    The samples with the lowest draws of their own are the test set, the next ones the validation
    part of the training set: shares are exact, and a grown dataset keeps most of its split.
    """
    order = np.argsort(draw_split(seed, twist_index, number), kind="stable")
    test = round(split["test_fraction"] * len(order))
    validation = round(split["validation_fraction"] * (len(order) - test))
    parts = np.full(len(order), dataset.SPLITS.index("train"))
    parts[order[:test]] = dataset.SPLITS.index("test")
    parts[order[test : test + validation]] = dataset.SPLITS.index("validation")
    return parts


def build_dataset(
    paths: list[str],
    thresholds: dict,
    lattice: dict,
    images: dict,
    split: dict,
    seed: int,
) -> xr.Dataset:
    """Return the images of all sets that are not ferromagnetic, schema `dataset`.

    Sets without a state have no image; they stay in the phase diagram, counted.

    Args:
        paths: shards, in the order of the samples.
        thresholds: config block `phases`.
        lattice: config block `lattice`.
        images: `window_nm` and `pixels`.
        split: `test_fraction`, and `validation_fraction` of what remains.
        seed: seed of the split.

    Raises:
        ValueError: if no set is left, or a shard is unreadable.
    """
    kept, pictures, raster = [], [], None
    for path in paths:
        shard = dataset.read("shard", path)
        phase = classify(shard["magnetization"].values, Thresholds(**thresholds))
        chosen = np.flatnonzero((phase != FERROMAGNETIC) & (phase != UNDETERMINED))
        if not len(chosen):
            continue
        m = int(shard["twist_index"][0])
        if raster is None or raster[0] != m:
            bilayer = build_bilayer(m, **lattice)
            raster = m, build_raster(bilayer, images["window_nm"], images["pixels"])
        spin_z = shard["spins"].values[chosen, :, -1]
        pictures += [render(raster[1], row).astype(np.float32) for row in spin_z]
        described = shard[["twist_index", "set_number", "magnetization"]].isel(set=chosen)
        described["phase"] = ("set", phase[chosen])
        kept.append(described)
    if not kept:
        raise ValueError(
            "every set of the sweep is ferromagnetic: widen sweep.twist_indices or lower"
            " sweep.anisotropy_mev in the config"
        )
    states = xr.concat(kept, dim="set", join="exact", combine_attrs="drop")
    names = ("twist_index", "set_number", "twist_angle", "exchange", "anisotropy")
    names += ("phase", "magnetization")
    variables = {name: states[name].values for name in names}
    variables["split"] = draw_parts(split, seed, variables["twist_index"], variables["set_number"])
    variables["image"] = np.stack(pictures)
    variables["x"] = variables["y"] = pixel_centres(images["window_nm"], images["pixels"])
    return dataset.make("dataset", variables)
