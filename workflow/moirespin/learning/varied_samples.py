"""The dataset as another choice would have made it: threshold, gauge or split.

Samples are datasets of schema `dataset` from `packed_images.opened`.
Status: our choices.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from moirespin.images.image_set import Split, draw_parts
from moirespin.io import netcdf, packed_images
from moirespin.learning.changes import Changes
from moirespin.states.sweep import stream, uniforms

# Number of the stream of a set that its gauge is drawn from, after those of `states.sweep`.
GAUGE = 6
PARTS_OF_GAUGE = ("sign", "layer", "rotation")


def vary_samples(
    samples: xr.Dataset, changes: Changes, *, split: Split, seed: int, left_out: Sequence[int]
) -> xr.Dataset:
    """Return the dataset with its changes.

    Args:
        samples: schema `dataset`.
        changes: against every run.
        split: shares of the parts.
        seed: of the split and of the gauge.
        left_out: twist indices that make the test part of a split by angle.

    Raises:
        ValueError: if no sample has one of the angles that are left out.
    """
    if changes.ferromagnetic is not None:
        samples = above_threshold(samples, changes.ferromagnetic, split=split, seed=seed)
    if changes.free:
        samples = with_free_gauge(samples, changes.free, seed)
    if changes.split == "angle":
        return split_by_angle(samples, left_out, split=split, seed=seed)
    if changes.split == "same angles":
        test = samples["split"].values == netcdf.SPLITS.index("test")
        return samples.isel(sample=~test | _at_angles(samples, left_out))
    return samples


def above_threshold(
    samples: xr.Dataset, ferromagnetic: float, *, split: Split, seed: int
) -> xr.Dataset:
    """Return the samples that a lower threshold of eq. (14) keeps, split as a run would do it."""
    uniform = (np.abs(samples["magnetization"].values) > ferromagnetic).all(axis=-1)
    kept = samples.isel(sample=~uniform)
    return _with_parts(kept, split, seed)


def split_by_angle(
    samples: xr.Dataset, left_out: Sequence[int], *, split: Split, seed: int
) -> xr.Dataset:
    """Return the dataset with all samples of some angles as its test part, and no others."""
    held = _at_angles(samples, left_out)
    rest = _with_parts(samples.isel(sample=~held), split._replace(test_fraction=0.0), seed)
    parts = np.full(len(held), netcdf.SPLITS.index("test"))
    parts[~held] = rest["split"].values
    return samples.assign(split=("sample", parts))


def _at_angles(samples: xr.Dataset, twist_indices: Sequence[int]) -> np.ndarray:
    found = np.isin(samples["twist_index"].values, twist_indices)
    missing = sorted(set(twist_indices) - set(np.unique(samples["twist_index"].values).tolist()))
    if missing:
        raise ValueError(f"choices.left_out_twist_indices: no sample has twist index {missing[0]}")
    return found


def _with_parts(samples: xr.Dataset, split: Split, seed: int) -> xr.Dataset:
    names = samples["twist_index"].values, samples["set_number"].values
    parts = draw_parts(split, seed=seed, twist_index=names[0], number=names[1])
    return samples.assign(split=("sample", parts))


def with_free_gauge(samples: xr.Dataset, free: Sequence[str], seed: int) -> xr.Dataset:
    """Return the dataset with each image in a gauge of its own, drawn from the name of its set."""
    names = zip(samples["twist_index"].values, samples["set_number"].values, strict=True)
    drawn = [uniforms(stream(seed, int(m), int(n), GAUGE), 3) < 0.5 for m, n in names]
    chosen = [part in free for part in PARTS_OF_GAUGE]
    images = packed_images.load(samples["image"])
    changed = [
        change_gauge(image, **dict(zip(PARTS_OF_GAUGE, (own & chosen).tolist(), strict=True)))
        for image, own in zip(images, drawn, strict=True)
    ]
    return samples.assign(image=(samples["image"].dims, np.stack(changed)))


def change_gauge(image: np.ndarray, *, sign: bool, layer: bool, rotation: bool) -> np.ndarray:
    """Return one image (layer, y, x) of a degenerate copy of its state, or in another pose.

    Args:
        image: S^z, packed or not.
        sign: all spins are reversed.
        layer: the two-fold axis along y swaps the layers and takes x to -x.
        rotation: the window is turned by 60 degrees. A three-fold state looks as if it were turned
            by 180 degrees, which no pixel has to be interpolated for.
    """
    if sign:
        image = -image
    if layer:
        image = image[::-1, :, ::-1]
    if rotation:
        image = image[:, ::-1, ::-1]
    return image
