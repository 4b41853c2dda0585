"""What the paper's text leaves open about its regression networks, searched on the validation part.

    python benchmarks/search_learning.py results/laptop search.csv

Each trial trains the network of one parameter with one thing changed against the base (cosine
decay, mean squared error, linear target, inputs standardised per pixel) and writes one row: the
error on the validation part, which also chose the weights. The test part is not read. Rows that the
file has already are not computed again.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pandas as pd
import yaml
from flax import nnx

from moirespin.images.raster import first_quadrant
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import build
from moirespin.learning.split_parts import split_part, true_parameters

SEED = 0


class Trial(NamedTuple):
    """One choice of what the text leaves open."""

    schedule: str = "cosine"
    loss: str = "mse"
    target: str = "linear"
    inputs: str = "pixel"
    widths: float = 1.0
    epochs: int = 100
    learning_rate: float = 1e-3


BASE = Trial()
TRIALS = [
    BASE,
    BASE._replace(schedule="plateau", epochs=120),
    BASE._replace(loss="mae"),
    BASE._replace(target="log"),
    BASE._replace(loss="mae", target="log"),
    BASE._replace(inputs="pixel 0.1"),
    BASE._replace(inputs="layer"),
    BASE._replace(inputs="raw"),
    BASE._replace(widths=2.0),
    BASE._replace(epochs=50),
    BASE._replace(epochs=200),
    BASE._replace(learning_rate=3e-4),
    BASE._replace(loss="mae", learning_rate=3e-4),
]


def scale_inputs(images: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation with which images (sample, layer, y, x) enter the network."""
    if way == "raw":
        return np.zeros((2, 1, 1)), np.ones((2, 1, 1))
    if way == "layer":
        return images.mean(axis=(0, 2, 3), keepdims=True)[0], images.std(
            axis=(0, 2, 3), keepdims=True
        )[0]
    floor = float(way.removeprefix("pixel").strip() or 1e-3)
    return images.mean(axis=0), np.maximum(images.std(axis=0), floor)


def train(trial: Trial, widths: dict, data: dict) -> tuple[float, np.ndarray, int, nnx.Module]:
    """Return training loss, percentage errors on the validation part, the epoch kept, network."""
    (images, numbers), (held_images, held) = data["train"], data["validation"]
    lower, upper = data["range"]
    if trial.target == "log":
        encode, decode = (lambda x: np.log(x / lower)), (lambda y: lower * np.exp(y))
    else:
        encode = lambda x: (x - lower) / (upper - lower)  # noqa: E731
        decode = lambda y: lower + (upper - lower) * y  # noqa: E731
    shape = {name: int(trial.widths * width) for name, width in widths.items()}
    network = build("regressor", {"pixels": images.shape[-1], **shape}, SEED)
    mean, deviation = scale_inputs(images, trial.inputs)
    network.input_mean[...] = np.broadcast_to(mean, images.shape[1:]).astype(np.float32)
    network.input_deviation[...] = np.broadcast_to(deviation, images.shape[1:]).astype(np.float32)
    graph, weights, fixed = nnx.split(network, nnx.Param, ...)
    adam = optax.scale_by_adam()
    moments, targets = adam.init(weights), jnp.asarray(encode(numbers), jnp.float32)
    samples, held_samples = jnp.asarray(images), jnp.asarray(held_images)
    held_targets = jnp.asarray(encode(held), jnp.float32)
    distance = (lambda x: x**2) if trial.loss == "mse" else jnp.abs

    def loss_of(weights: nnx.State, inputs: jax.Array, wanted: jax.Array) -> jax.Array:
        return distance(nnx.merge(graph, weights, fixed)(inputs)[:, 0] - wanted).mean()

    @jax.jit
    def run_epoch(weights, moments, batches, *, rate):
        def step(carry, batch):
            weights, moments = carry
            value, slope = jax.value_and_grad(loss_of)(weights, samples[batch], targets[batch])
            updates, moments = adam.update(slope, moments)
            weights = jax.tree.map(lambda w, u: w - rate * u, weights, updates)
            return (weights, moments), value

        (weights, moments), losses = jax.lax.scan(step, (weights, moments), batches)
        return weights, moments, losses.mean(), loss_of(weights, held_samples, held_targets)

    rate, best, kept, waited, last = trial.learning_rate, np.inf, weights, 0, np.nan
    for epoch in range(trial.epochs):
        if trial.schedule == "cosine":
            rate = trial.learning_rate * 0.5 * (1 + np.cos(np.pi * epoch / trial.epochs))
        order = np.random.default_rng([SEED, epoch]).permutation(len(images))
        batches = jnp.asarray(order[: len(order) // 32 * 32].reshape(-1, 32))
        weights, moments, last, found = run_epoch(weights, moments, batches, rate=rate)
        waited += 1
        if found < best:
            best, kept, waited, at = float(found), jax.tree.map(jnp.copy, weights), 0, epoch + 1
        if trial.schedule == "plateau" and waited and waited % 6 == 0:
            rate = max(rate / 2, 1e-6)
    estimate = decode(np.asarray(nnx.merge(graph, kept, fixed)(held_samples))[:, 0])
    return float(last), 100 * np.abs(estimate / held - 1), at, nnx.merge(graph, kept, fixed)


def main() -> None:
    """Run the trials that the file does not have yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("table", type=Path)
    options = parser.parse_args()
    config = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))
    with packed_images.opened(DATASET, options.run / "dataset.nc") as samples:
        parts = {}
        for name in ("train", "validation"):
            part = split_part(samples, name)
            images = packed_images.unpack(packed_images.load(first_quadrant(part["image"])))
            parts[name] = images, true_parameters(part)
    everything = np.concatenate([numbers for _, numbers in parts.values()])
    rows = pd.read_csv(options.table).to_dict("records") if options.table.exists() else []
    done = {(row["parameter"], *(row[name] for name in Trial._fields)) for row in rows}
    for trial in TRIALS:
        for column, parameter in enumerate(netcdf.PARAMETERS):
            if (parameter, *trial) in done:
                continue
            data = {name: (images, n[:, column]) for name, (images, n) in parts.items()}
            ends = everything[:, column].min(), everything[:, column].max()
            start = time.process_time()
            last, errors, epoch, _ = train(
                trial, config["regressor"]["widths"], data | {"range": ends}
            )
            spread = errors.std() / np.sqrt(len(errors))
            row = {"parameter": parameter} | trial._asdict() | {"training_loss": last}
            row |= {"validation_mape": errors.mean(), "error": spread}
            row |= {"validation_median": np.median(errors), "epoch": epoch}
            rows.append(row | {"core_seconds": round(time.process_time() - start, 1)})
            pd.DataFrame(rows).to_csv(options.table, index=False, float_format="%.4g")
            print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
