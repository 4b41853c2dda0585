"""The parts of the dataset's split: choosing one, and thinning those that networks learn from.

Samples are datasets of schema `dataset` from `packed_images.opened`; images are not read.
"""

import numpy as np
import xarray as xr

from moirespin.io import netcdf
from moirespin.states.sweep import draw_split

FEWEST_TRAINING_SAMPLES = 8


def true_parameters(samples: xr.Dataset) -> np.ndarray:
    """Return theta, J, D of samples (degree, meV), shape (sample, 3)."""
    return np.stack([samples[name].values for name in netcdf.PARAMETERS], axis=1)


def split_part(samples: xr.Dataset, name: str) -> xr.Dataset:
    """Return the samples of one part of the split: train, validation or test.

    Raises:
        ValueError: if the part holds too few samples to be used.
    """
    chosen = samples.isel(sample=samples["split"].values == netcdf.SPLITS.index(name))
    fewest = FEWEST_TRAINING_SAMPLES if name == "train" else 1
    if chosen.sizes["sample"] < fewest:
        raise ValueError(
            f"the {name} part of the dataset has {chosen.sizes['sample']} samples, at least"
            f" {fewest} are needed: raise sweep.sets_per_angle in the config"
        )
    return chosen


def identities(samples: xr.Dataset) -> np.ndarray:
    """Return twist index and set number of samples, shape (sample, 2)."""
    return np.stack([samples[name].values for name in ("twist_index", "set_number")], axis=1)


def first_samples(samples: xr.Dataset, fraction: float, seed: int) -> xr.Dataset:
    """Return a dataset with a fraction of the training and of the validation part.

    Both parts are cut, so that what remains is what a smaller sweep would have given; the test
    part stays whole. Within a part the samples are taken in the order of the split's own draws,
    which is random there too: smaller fractions are subsets of larger ones, and a grown dataset
    keeps most of them.

    Args:
        samples: schema `dataset`, from `packed_images.opened`; images are not read.
        fraction: share of each part that is kept, between 0 and 1.
        seed: seed of the split.

    Raises:
        ValueError: if too few training samples remain, or none for the validation.
    """
    split = samples["split"].values
    order = np.argsort(
        draw_split(seed, samples["twist_index"].values, samples["set_number"].values),
        kind="stable",
    )
    kept = split == netcdf.SPLITS.index("test")
    for name, fewest in (("train", FEWEST_TRAINING_SAMPLES), ("validation", 1)):
        own = order[split[order] == netcdf.SPLITS.index(name)]
        count = round(fraction * len(own))
        if count < fewest:
            raise ValueError(
                f"{fraction} of the {name} part of the dataset is {count} samples, at least"
                f" {fewest} are needed: raise sample_curve.fractions or sweep.sets_per_angle in"
                " the config"
            )
        kept[own[:count]] = True
    return samples.isel(sample=kept)
