"""The training loop of all networks.

Adam; the learning rate is lowered when the validation loss stops falling, and training stops when
lowering it no longer helps. The weights kept are those of the best validation loss. All random
choices come from (seed, epoch), and the whole state is stored now and then, so that a killed
training goes on where it was and ends with the same weights.
"""

import json
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from moirespin.io.atomic import replaced
from moirespin.io.packed_images import unpack
from moirespin.io.weights import data_fingerprint
from moirespin.learning.networks import flatten, unflatten

logger = logging.getLogger("moirespin")

# (predicted, true) -> scalar.
Loss = Callable[[jax.Array, jax.Array], jax.Array]
# Record of an epoch: `training_loss`, `validation_loss` and `learning_rate`.
Epoch = dict[str, float]
# (key, inputs) -> inputs as the network gets them.
Augment = Callable[[jax.Array, jax.Array], jax.Array]
# Inputs and targets, first axis the sample.
Pair = tuple[jax.Array, jax.Array]

SECONDS_BETWEEN_REPORTS = 10.0
# A killed training loses the epochs of these seconds at most, or of 50 times what the last
# checkpoint took to write, if that is longer: at the paper's scale the generator's is 640 MB.
SECONDS_BETWEEN_CHECKPOINTS = 20.0
# Checkpoints take at most this share of the training's time.
STORING_SHARE = 0.02
# The validation loss is computed for this many samples at once, which bounds the memory that the
# generator's images take.
EVALUATION_BATCH = 256


class Schedule(NamedTuple):
    """Settings of the training.

    Attributes:
        batch_size: samples per gradient step.
        learning_rate, lowest_learning_rate: where Adam's rate starts and where it ends.
        lowering_factor: the rate is multiplied by this on a plateau.
        plateau_epochs: epochs without a better validation loss that make a plateau.
        stopping_epochs: epochs without a better validation loss after which training stops.
        max_epochs: limit of epochs.
    """

    batch_size: int
    learning_rate: float
    lowest_learning_rate: float
    lowering_factor: float
    plateau_epochs: int
    stopping_epochs: int
    max_epochs: int


class Progress(NamedTuple):
    """Everything that a killed training needs to go on.

    Attributes:
        weights, best: trained parameters, now and at the best validation loss.
        optimiser: Adam's moments.
        learning_rate: rate of the next epoch.
        waited: epochs since the rate was lowered or the loss fell.
        history: a record of each epoch.
    """

    weights: nnx.State
    best: nnx.State
    optimiser: optax.OptState
    learning_rate: float
    waited: int
    history: list[Epoch]


def unchanged(key: jax.Array, inputs: jax.Array) -> jax.Array:
    """Return inputs as they are."""
    return inputs


def mean_squared_error(predicted: jax.Array, true: jax.Array) -> jax.Array:
    """Return the loss of the regression networks."""
    return jnp.mean((predicted - true) ** 2)


def mean_absolute_error(predicted: jax.Array, true: jax.Array) -> jax.Array:
    """Return the loss of the generator network; the true images may be packed."""
    return jnp.mean(jnp.abs(predicted - unpack(true)))


@partial(
    jax.jit,
    static_argnames=("graph", "loss", "augment"),
    donate_argnames=("weights", "optimiser"),
)
def _run_epoch(
    graph: nnx.GraphDef,
    loss: Loss,
    *,
    weights: nnx.State,
    optimiser: optax.OptState,
    fixed: nnx.State,
    samples: Pair,
    batches: jax.Array,
    learning_rate: float,
    augment: Augment,
    key: jax.Array,
) -> tuple[nnx.State, optax.OptState, jax.Array]:
    """Return weights and Adam's moments after one epoch, and the mean loss of its batches."""
    inputs, targets = samples

    def batch_loss(weights: nnx.State, batch: jax.Array, key: jax.Array) -> jax.Array:
        seen = augment(key, inputs[batch])
        return loss(nnx.merge(graph, weights, fixed)(seen), targets[batch])

    def step(
        carry: tuple[nnx.State, optax.OptState], own: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple[nnx.State, optax.OptState], jax.Array]:
        weights, optimiser = carry
        value, gradient = jax.value_and_grad(batch_loss)(weights, *own)
        updates, optimiser = optax.scale_by_adam().update(gradient, optimiser)
        weights = jax.tree.map(lambda w, u: w - learning_rate * u, weights, updates)
        return (weights, optimiser), value

    (weights, optimiser), losses = jax.lax.scan(
        step, (weights, optimiser), (batches, jax.random.split(key, len(batches)))
    )
    return weights, optimiser, losses.mean()


@partial(jax.jit, static_argnames=("graph", "loss", "count"))
def _sum_losses(
    graph: nnx.GraphDef,
    loss: Loss,
    *,
    weights: nnx.State,
    fixed: nnx.State,
    samples: Pair,
    start: int,
    count: int,
) -> jax.Array:
    """Return the summed loss of `count` samples from `start` on."""
    inputs, targets = (jax.lax.dynamic_slice_in_dim(x, start, count) for x in samples)
    return count * loss(nnx.merge(graph, weights, fixed)(inputs), targets)


def _evaluate(
    graph: nnx.GraphDef, loss: Loss, *, weights: nnx.State, fixed: nnx.State, samples: Pair
) -> float:
    """Return the mean loss of samples."""
    total = len(samples[0])
    sums = [
        _sum_losses(
            graph,
            loss,
            weights=weights,
            fixed=fixed,
            samples=samples,
            start=start,
            count=min(EVALUATION_BATCH, total - start),
        )
        for start in range(0, total, EVALUATION_BATCH)
    ]
    return float(sum(sums)) / total


def _on_device(samples: tuple[np.ndarray, np.ndarray]) -> Pair:
    """Return inputs and targets on the device, packed images as they are."""
    inputs, targets = (
        jnp.asarray(x, None if x.dtype == np.int16 else jnp.float32) for x in samples
    )
    return inputs, targets


def fit(
    network: nnx.Module,
    loss: Loss,
    *,
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    schedule: Schedule,
    seed: int,
    checkpoint: Path,
    origin: str,
    augment: Augment = unchanged,
) -> list[Epoch]:
    """Train `network` in place and return the history of its epochs.

    Args:
        network: trained in place; holds the best weights afterwards.
        loss: (predicted, true) -> scalar.
        training: inputs and targets, first axis the sample; images may be packed.
        validation: the same, for the schedule and the choice of the best weights.
        schedule: settings.
        seed: seeds the order of the samples.
        checkpoint: file that holds the state of the training; the caller removes it in the end.
        origin: says which network, data and code; a stored state of another origin is not used.
        augment: what is done to inputs before the network sees them, anew in each epoch; to those
            of the validation part once.

    Raises:
        ValueError: if the loss is not finite from the first epoch on.
    """
    graph, *states = nnx.split(network, nnx.Param, ...)
    weights, fixed = states
    samples, held = _on_device(training), _on_device(validation)
    held = augment(jax.random.key(seed), held[0]), held[1]
    count = len(samples[0])
    batch = min(schedule.batch_size, count)
    progress = Progress(
        weights=weights,
        best=jax.tree.map(jnp.copy, weights),
        optimiser=optax.scale_by_adam().init(weights),
        learning_rate=schedule.learning_rate,
        waited=0,
        history=[],
    )
    # What a stored state must have in common with a training that goes on from it.
    identity = f"{schedule} {seed} {origin}"
    progress = _resume(progress, checkpoint, identity)
    reported = stored = time.monotonic()
    pause = SECONDS_BETWEEN_CHECKPOINTS
    while not _finished(progress, schedule):
        epoch = len(progress.history)
        # The order of all samples goes to the device once an epoch; it is the same on each.
        shuffled = np.random.default_rng([seed, epoch]).permutation(count)
        batches = jnp.asarray(shuffled[: count // batch * batch].reshape(-1, batch), jnp.int32)
        weights, optimiser, training_loss = _run_epoch(
            graph,
            loss,
            weights=progress.weights,
            optimiser=progress.optimiser,
            fixed=fixed,
            samples=samples,
            batches=batches,
            learning_rate=progress.learning_rate,
            augment=augment,
            key=jax.random.fold_in(jax.random.key(seed), epoch),
        )
        held_loss = _evaluate(graph, loss, weights=weights, fixed=fixed, samples=held)
        progress = _record(
            progress,
            weights,
            optimiser,
            training_loss=float(training_loss),
            held_loss=held_loss,
            schedule=schedule,
        )
        now = time.monotonic()
        if now - reported > SECONDS_BETWEEN_REPORTS:
            reported = now
            logger.info("epoch %d: loss %.3g, validation %.3g", epoch + 1, training_loss, held_loss)
        if now - stored > pause:
            try:
                _store(progress, checkpoint, identity)
            except OSError as error:
                logger.warning("the training goes on without a checkpoint: %s", error)
            stored = time.monotonic()
            pause = max(SECONDS_BETWEEN_CHECKPOINTS, (stored - now) / STORING_SHARE)
    history = progress.history
    if not np.isfinite(best_loss(history)):
        raise ValueError(
            "training gave no finite validation loss: lower learning_rate in the config"
        )
    nnx.update(network, progress.best)
    logger.info("%d epochs, best validation loss %.4g", len(history), best_loss(history))
    return history


def best_loss(history: list[Epoch]) -> float:
    """Return the lowest validation loss so far, infinite before the first finite one."""
    return min(
        (row["validation_loss"] for row in history if np.isfinite(row["validation_loss"])),
        default=np.inf,
    )


def _record(
    progress: Progress,
    weights: nnx.State,
    optimiser: optax.OptState,
    *,
    training_loss: float,
    held_loss: float,
    schedule: Schedule,
) -> Progress:
    """Return the progress after an epoch; the rate is lowered on a plateau.

    optax.contrib.reduce_on_plateau counts optimiser steps where this counts epochs, and its scale
    in float32 would be one more array of each checkpoint.
    """
    better = held_loss < best_loss(progress.history)
    rate = progress.learning_rate
    row = {"training_loss": training_loss, "validation_loss": held_loss, "learning_rate": rate}
    waited = 0 if better else progress.waited + 1
    if waited >= schedule.plateau_epochs:
        rate, waited = max(rate * schedule.lowering_factor, schedule.lowest_learning_rate), 0
    return Progress(
        weights=weights,
        best=jax.tree.map(jnp.copy, weights) if better else progress.best,
        optimiser=optimiser,
        learning_rate=rate,
        waited=waited,
        history=[*progress.history, row],
    )


def _finished(progress: Progress, schedule: Schedule) -> bool:
    losses = [row["validation_loss"] for row in progress.history]
    if len(losses) >= schedule.max_epochs:
        return True
    since_best = len(losses) - 1 - int(np.argmin(losses)) if losses else 0
    return since_best >= schedule.stopping_epochs or not np.all(np.isfinite(losses))


def _store(progress: Progress, path: Path, identity: str) -> None:
    scalars = progress._asdict()
    trees = {name: scalars.pop(name) for name in ("weights", "best", "optimiser")}
    arrays, text = flatten(trees), json.dumps(scalars)
    metadata = {"scalars": text, "identity": identity, "sum": _sum(arrays, text)}
    with replaced(path) as temporary:
        save_file(arrays, temporary, metadata=metadata)


def _sum(arrays: dict[str, np.ndarray], text: str) -> str:
    """Return the checksum of what a checkpoint holds."""
    ordered = [arrays[name] for name in sorted(arrays)]
    return data_fingerprint(*ordered, np.frombuffer(text.encode(), np.uint8))


def _resume(progress: Progress, path: Path, identity: str) -> Progress:
    """Return the state stored at `path`, or `progress` if there is none of this training."""
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
        if metadata.get("identity") != identity:
            raise ValueError("other settings or other data")
        if metadata.get("sum") != _sum(arrays, metadata["scalars"]):
            raise ValueError("its checksum is wrong")
        scalars = json.loads(metadata["scalars"])
        names = ("weights", "best", "optimiser")
        trees = {name: getattr(progress, name) for name in names}
        trees = unflatten(trees, arrays, str(path))
    except FileNotFoundError:
        return progress
    except (OSError, SafetensorError, ValueError) as error:
        logger.info("%s is of no use here (%s): starting again", path, error)
        return progress
    logger.info("going on after epoch %d", len(scalars["history"]))
    return Progress(**trees, **scalars)
