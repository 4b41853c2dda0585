"""A network better than the paper's: one that estimates theta, J and D at once (choice).

It sees the quadrants that the paper's regression networks see, of the same parts of the dataset,
and gives predictions of the same schema. Its targets are logarithms and its loss is their mean
absolute error, so that it learns percentage errors. Apart from `networks`, `tasks` and
`predictions`, so that a change here trains none of the paper's networks again.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr
from flax import nnx

from moirespin.images.raster import first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS
from moirespin.learning.metrics import Ranges, percentage_error
from moirespin.learning.networks import NETWORKS, Fixed, build, load_network
from moirespin.learning.paper_networks import (
    SMALLEST_DEVIATION,
    part,
    train_network,
    true_parameters,
)
from moirespin.learning.training import mean_absolute_error

# The root has no derivative at 0.
SMALLEST_POWER = 1e-8
# Of a range that begins at 0: below this share of its upper end, errors count as absolute ones.
LEAST_SHARE = 0.01


class Joint(nnx.Module):
    """Two images -> logarithms of theta, J and D relative to their lower ends.

    Spins are seen by their angle to the normal, as S^z hardly changes where they are all but
    upright. Convolutions halve the angles, standardised per pixel, again and again. Mean and root
    mean square of each channel after each of them tell contrast and texture, which J and D change;
    the last maps, kept whole, tell where the domains are. All of it goes through two dense layers.
    GELU throughout, linear at the end.
    """

    def __init__(self, pixels: int, channels: list[int], features: int, rngs: nnx.Rngs):
        """Build for images of `pixels` x `pixels`; channels of the convolutions, dense width."""
        self.input_mean = Fixed(jnp.zeros((2, pixels, pixels), jnp.float32))
        self.input_deviation = Fixed(jnp.ones((2, pixels, pixels), jnp.float32))
        self.convolutions = nnx.List([])
        incoming = 2
        for outgoing in channels:
            self.convolutions.append(nnx.Linear(9 * incoming, outgoing, rngs=rngs))
            incoming, pixels = outgoing, (pixels + 1) // 2
        found = 2 * sum(channels) + incoming * pixels**2
        self.head = nnx.List([nnx.Linear(found, features, rngs=rngs)])
        self.head.append(nnx.Linear(features, features, rngs=rngs))
        self.output = nnx.Linear(features, len(netcdf.PARAMETERS), rngs=rngs)

    def __call__(self, images: jax.Array) -> jax.Array:
        """Return (sample, parameter) from images (sample, layer, y, x), packed or not."""
        images = (tilt_rad(images) - self.input_mean[...]) / self.input_deviation[...]
        maps, found = jnp.moveaxis(images, 1, -1), []
        for convolution in self.convolutions:
            maps = nnx.gelu(convolution(neighbourhoods(maps)))
            power = jnp.square(maps).mean(axis=(1, 2))
            found += [maps.mean(axis=(1, 2)), jnp.sqrt(power + SMALLEST_POWER)]
        joined = jnp.concatenate([*found, maps.reshape(len(maps), -1)], axis=1)
        for layer in self.head:
            joined = nnx.gelu(layer(joined))
        return self.output(joined)


def tilt_rad(images: jax.Array) -> jax.Array:
    """Return the angle of each spin to the normal from images of S^z, packed or not.

    Near the FM-NCD line 1 - S^z is the square of a small angle, and of images of S^z hardly
    anything is left next to those of other states.
    """
    return jnp.arccos(jnp.clip(packed_images.unpack(images), -1, 1))


def tilt_statistics(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the per-pixel mean and deviation of the tilts of packed images, each (layer, y, x)."""

    def tilts():
        return (np.asarray(tilt_rad(images[rows])) for rows in packed_images.batches(len(images)))

    mean = sum(batch.sum(axis=0, dtype=np.float64) for batch in tilts()) / len(images)
    variance = sum(((batch - mean) ** 2).sum(axis=0) for batch in tilts()) / len(images)
    deviation = np.maximum(np.sqrt(variance), SMALLEST_DEVIATION)
    return {
        "input_mean": mean.astype(np.float32),
        "input_deviation": deviation.astype(np.float32),
    }


def neighbourhoods(maps: jax.Array) -> jax.Array:
    """Return every other 3 x 3 neighbourhood of maps (sample, y, x, channel), zero outside.

    A convolution of stride 2 is a product with these, shape (sample, y / 2, x / 2, 9 channel). On a
    CPU that is ten times as fast as XLA's convolution and its gradients.
    """
    height, width = maps.shape[1:3]
    padded = jnp.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    shifted = [padded[:, i : i + height : 2, j : j + width : 2] for i in range(3) for j in range(3)]
    return jnp.concatenate(shifted, axis=-1)


# So that `build` and `load_network` know it.
NETWORKS["joint"] = Joint


def logarithms(parameters: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Return the targets of the network, log((p + s) / (p_min + s)), of p (sample, parameter).

    s is 0 where the range of a parameter begins above 0, and a hundredth of its upper end else.
    """
    lower, shift = _references(ranges)
    return np.log((parameters + shift) / (lower + shift))


def exponentials(logs: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Return theta, J, D (degree, meV) from what `logarithms` made of them."""
    lower, shift = _references(ranges)
    return (lower + shift) * np.exp(logs) - shift


def _references(ranges: Ranges) -> tuple[np.ndarray, np.ndarray]:
    lower, upper = np.transpose([sorted(ranges[name]) for name in netcdf.PARAMETERS])
    return lower, np.where(lower > 0, 0.0, LEAST_SHARE * upper)


def train_joint(
    samples: xr.Dataset,
    shape: dict,
    schedule: dict,
    ranges: Ranges,
    seed: int,
    path: str,
    code: str,
) -> None:
    """Train the network that estimates all parameters at once and write it to `path`.

    Args:
        samples: schema `dataset`, from `packed.opened`.
        shape: `channels` and `features` of the network.
        schedule: the fields of training.Schedule.
        ranges: lower and upper end of each parameter.
        seed: seeds weights and shuffling.
        path: safetensors file; its JSON lies beside it.
        code: fingerprint of the code that trains, for the record.

    Raises:
        ValueError: if the dataset has too few samples.
    """
    parts = {name: part(samples, name) for name in ("train", "validation")}
    pairs = {
        name: (
            packed_images.load(first_quadrant(chosen["image"])),
            logarithms(true_parameters(chosen), ranges),
        )
        for name, chosen in parts.items()
    }
    images = pairs["train"][0]
    shape = {"pixels": images.shape[-1], **shape}
    network = build("joint", shape, seed)
    for name, array in tilt_statistics(images).items():
        getattr(network, name)[...] = array
    about = {"kind": "joint", "shape": shape, "seed": seed, "schedule": schedule, "code": code}
    train_network(network, mean_absolute_error, parts, pairs, about, path)


def predict_joint(samples: xr.Dataset, model: str, ranges: Ranges) -> xr.Dataset:
    """Return the test set's estimated parameters, schema `parameter_predictions`."""
    test = part(samples, "test")
    quadrants = packed_images.load(first_quadrant(test["image"]))
    network, _, about = load_network(model, "joint", quadrants.shape[-1], ranges)
    outputs = [
        np.asarray(network(quadrants[rows])) for rows in packed_images.batches(len(quadrants))
    ]
    training = sum(about["samples"].values())
    return netcdf.make(
        PARAMETER_PREDICTIONS,
        netcdf.identity(test)
        | {
            "true": true_parameters(test),
            "predicted": exponentials(np.concatenate(outputs).astype(float), ranges),
            "training_count": np.full(len(netcdf.PARAMETERS), training),
        },
    )


def compare_networks(paper: xr.Dataset, joint: xr.Dataset) -> pd.DataFrame:
    """Return the errors of the paper's networks and of the joint one beside each other.

    Args:
        paper: schema `parameter_predictions`, from the paper's networks.
        joint: the same, from the joint network.

    Returns:
        One row for each parameter and group of test samples: `samples`, MAPE in percent of both,
        their `ratio`, joint over paper, and the `difference` of the MAPEs with its standard error,
        taken sample by sample.

    Raises:
        ValueError: if the two are not of the same samples.
    """
    if not np.array_equal(paper["true"], joint["true"]):
        raise ValueError("the two predictions are of other samples: run snakemake again")
    errors = [
        percentage_error(part["predicted"].values, part["true"].values) for part in (paper, joint)
    ]
    phase = paper["phase"].values
    groups = {"all": np.full(len(phase), True)}
    groups |= {name: phase == netcdf.PHASES.index(name) for name in ("NCD", "MD")}
    rows = []
    for column, parameter in enumerate(netcdf.PARAMETERS):
        for group, chosen in groups.items():
            one, other = (pd.Series(error[chosen, column]) for error in errors)
            rows.append(
                {"parameter": parameter, "group": group, "samples": len(one)}
                | {"paper_mape": one.mean(), "joint_mape": other.mean()}
                | {"ratio": other.mean() / one.mean(), "difference": (other - one).mean()}
                | {"difference_error": (other - one).sem()}
            )
    return pd.DataFrame(rows)
