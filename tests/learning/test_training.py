"""The training loop: learning, schedule, early stopping, and going on after a stop."""

from unittest.mock import Mock

import numpy as np
import pytest
from flax import nnx

from moirespin.io import packed_images
from moirespin.io.weights import data_fingerprint
from moirespin.learning import training
from moirespin.learning.networks import build, flatten
from moirespin.learning.training import (
    Progress,
    Schedule,
    best_loss,
    fit,
    mean_absolute_error,
    mean_squared_error,
)

SCHEDULE = Schedule(
    batch_size=5,
    learning_rate=1e-2,
    lowest_learning_rate=1e-4,
    lowering_factor=0.5,
    plateau_epochs=3,
    stopping_epochs=7,
    max_epochs=12,
)
SHAPE = {"pixels": 3, "first": 16, "features": 16, "third": 16}


def draw_samples(count, seed):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, 2, 3, 3)), generator.uniform(size=(count, 1))


TRAINING, VALIDATION = draw_samples(22, 0), draw_samples(8, 1)


def weights_of(network):
    return flatten(nnx.state(network, nnx.Param))


def train(checkpoint, schedule=SCHEDULE, seed=4, data=TRAINING):
    network = build("regressor", SHAPE, 0)
    origin = data_fingerprint(*data)
    loss = mean_squared_error
    history = fit(
        network,
        loss,
        training=data,
        validation=VALIDATION,
        schedule=schedule,
        seed=seed,
        checkpoint=checkpoint,
        origin=origin,
    )
    return history, weights_of(network)


def assert_same(found, expected):
    assert found[0] == expected[0]
    for name, array in expected[1].items():
        np.testing.assert_array_equal(found[1][name], array)


def test_losses_by_hand():
    predicted, true = np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]])
    assert float(mean_squared_error(predicted, true)) == pytest.approx(2.5)
    assert float(mean_absolute_error(predicted, true)) == pytest.approx(1.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["regressor", "generator"])
def test_ten_samples_are_learnt_by_heart(tmp_path, kind):
    images, numbers = draw_samples(10, 2)
    shape = {"pixels": 3, "first": 32, "second": 64, "input_scale": [1.0, 1.0, 1.0]}
    if kind == "regressor":
        network, data, loss = build(kind, SHAPE, 0), (images, numbers), mean_squared_error
        fall = 1e-3
    else:
        inputs = np.random.default_rng(3).uniform(size=(10, 3))
        network, data, loss = build(kind, shape, 0), (inputs, images), mean_absolute_error
        fall = 0.05
    long = SCHEDULE._replace(batch_size=2, max_epochs=45, stopping_epochs=25, plateau_epochs=4)
    history = fit(
        network,
        loss,
        # Epochs of many steps take less time than many epochs.
        training=tuple(np.concatenate(4 * [values]) for values in data),
        validation=data,
        schedule=long,
        seed=0,
        checkpoint=tmp_path / "checkpoint",
        origin="",
    )
    losses = [row["validation_loss"] for row in history]
    assert min(losses) < fall * losses[0]
    assert float(loss(network(data[0].astype(np.float32)), data[1])) == pytest.approx(
        min(losses), rel=1e-3
    )


@pytest.mark.slow
def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    checkpoint = tmp_path / "model.checkpoint"
    # On a slow computer this leaves a checkpoint.
    expected = train(tmp_path / "whole.checkpoint")
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    record, epochs = training._record, []

    def stop_in_the_sixth(*arguments, **more):
        if len(epochs) == 5:
            raise KeyboardInterrupt
        epochs.append(0)
        return record(*arguments, **more)

    monkeypatch.setattr(training, "_record", stop_in_the_sixth)
    with pytest.raises(KeyboardInterrupt):
        train(checkpoint)
    assert checkpoint.exists()
    epochs = [0] * 100
    assert_same(train(checkpoint), expected)
    assert len(epochs) == 100 + len(expected[0]) - 5
    # When a training has ended, nothing is left to do.
    assert_same(train(checkpoint), expected)
    assert len(epochs) == 100 + len(expected[0]) - 5


@pytest.mark.slow
@pytest.mark.parametrize("change", ["seed", "schedule", "data", "network", "damaged", "bit"])
def test_a_checkpoint_of_another_run_is_ignored(tmp_path, monkeypatch, change):
    checkpoint = tmp_path / "model.checkpoint"
    expected = train(checkpoint)
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    if change == "seed":
        train(checkpoint, seed=5)
    elif change == "schedule":
        train(checkpoint, SCHEDULE._replace(learning_rate=3e-3))
    elif change == "data":
        train(checkpoint, data=draw_samples(22, 9))
    elif change == "network":
        other = build("regressor", SHAPE | {"third": 9}, 0)
        origin = data_fingerprint(*TRAINING)
        fit(
            other,
            mean_squared_error,
            training=TRAINING,
            validation=VALIDATION,
            schedule=SCHEDULE,
            seed=4,
            checkpoint=checkpoint,
            origin=origin,
        )
    elif change == "bit":
        train(checkpoint, SCHEDULE)
        content = bytearray(checkpoint.read_bytes())
        content[-100] ^= 16
        checkpoint.write_bytes(content)
    else:
        checkpoint.write_bytes(b"damaged")
    assert checkpoint.exists()
    assert_same(train(checkpoint), expected)


@pytest.mark.slow
def test_a_full_disk_costs_the_checkpoint_and_not_the_training(tmp_path, monkeypatch, caplog):
    expected = train(tmp_path / "whole.checkpoint")
    monkeypatch.setattr(training, "SECONDS_BETWEEN_CHECKPOINTS", -1.0)
    monkeypatch.setattr(training, "STORING_SHARE", np.inf)
    full = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(training, "save_file", full)
    assert_same(train(tmp_path / "model.checkpoint"), expected)
    assert "the training goes on without a checkpoint: " in caplog.text
    assert "model.checkpoint cannot be written (No space left on device" in caplog.text
    assert list(tmp_path.iterdir()) == []


def progress_after(losses, schedule):
    """Return the progress after epochs of given validation losses, with labels for weights."""
    progress = Progress({"w": np.zeros(1)}, {"w": np.zeros(1)}, (), schedule.learning_rate, 0, [])
    for epoch, loss in enumerate(losses):
        weights = {"w": np.full(1, epoch + 1.0)}
        progress = training._record(
            progress, weights, (), training_loss=0.0, held_loss=loss, schedule=schedule
        )
    return progress


def test_rate_is_lowered_on_a_plateau_and_not_below_its_limit():
    losses = [1.0, 0.5] + 3 * [0.6]
    assert progress_after(losses[:4], SCHEDULE).learning_rate == 1e-2
    assert progress_after(losses, SCHEDULE).learning_rate == 5e-3
    assert progress_after([*losses, 0.6, 0.6], SCHEDULE).learning_rate == 5e-3
    assert progress_after([*losses, 0.6, 0.6, 0.6], SCHEDULE).learning_rate == 2.5e-3
    assert progress_after([*losses, 0.6, 0.4, 0.6, 0.6], SCHEDULE).learning_rate == 5e-3
    assert progress_after([1.0] * 60, SCHEDULE).learning_rate == 1e-4
    history = progress_after(losses, SCHEDULE).history
    assert [row["learning_rate"] for row in history] == [1e-2] * 5


def test_best_weights_are_kept():
    progress = progress_after([1.0, 0.3, 0.5, np.nan, 0.4], SCHEDULE)
    assert float(progress.best["w"][0]) == 2
    assert float(progress.weights["w"][0]) == 5
    assert best_loss(progress.history) == 0.3
    assert best_loss([]) == np.inf


def test_training_ends_early_at_the_limit_or_on_nan():
    def finished(losses, **changes):
        schedule = SCHEDULE._replace(**changes)
        return training._finished(progress_after(losses, schedule), schedule)

    assert not finished([])
    assert not finished([1.0, 0.5] + 6 * [0.6])
    assert finished([1.0, 0.5] + 7 * [0.6])
    assert finished([1.0, 0.9, 0.8], max_epochs=3)
    assert not finished([1.0, 0.9], max_epochs=3)
    assert finished([1.0, np.nan])


def test_the_network_holds_the_best_weights_afterwards(tmp_path):
    network = build("regressor", SHAPE, 0)
    checkpoint = tmp_path / "checkpoint"
    history = fit(
        network,
        mean_squared_error,
        training=TRAINING,
        validation=VALIDATION,
        schedule=SCHEDULE,
        seed=4,
        checkpoint=checkpoint,
        origin="",
    )
    losses = [row["validation_loss"] for row in history]
    assert losses[-1] > min(losses)
    inputs, targets = (x.astype(np.float32) for x in VALIDATION)
    assert float(mean_squared_error(network(inputs), targets)) == pytest.approx(
        min(losses), rel=1e-5
    )


def test_divergence_is_one_sentence(tmp_path):
    data = TRAINING[0], np.full_like(TRAINING[1], np.nan)
    network = build("regressor", SHAPE, 0)
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(ValueError, match="no finite validation loss: lower learning_rate"):
        fit(
            network,
            mean_squared_error,
            training=data,
            validation=VALIDATION,
            schedule=SCHEDULE,
            seed=0,
            checkpoint=checkpoint,
            origin="",
        )


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 16, 21])
def test_loss_is_the_mean_over_samples_whatever_the_batch(monkeypatch, count):
    images, numbers = (x.astype(np.float32) for x in draw_samples(count, 5))
    network = build("regressor", SHAPE, 0)
    graph, weights, fixed = nnx.split(network, nnx.Param, ...)
    monkeypatch.setattr(training, "EVALUATION_BATCH", 8)
    found = training._evaluate(
        graph, mean_squared_error, weights=weights, fixed=fixed, samples=(images, numbers)
    )
    assert found == pytest.approx(float(np.mean((network(images) - numbers) ** 2)), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["regressor", "generator"])
def test_packed_images_train_as_their_values_do(tmp_path, kind):
    generator = np.random.default_rng(6)
    images = packed_images.pack(generator.uniform(-1, 1, (22, 2, 3, 3)))
    found = []
    for pictures in (images, packed_images.unpack(images)):
        if kind == "regressor":
            network, loss = build(kind, SHAPE, 0), mean_squared_error
            data = pictures, TRAINING[1]
        else:
            shape = {"pixels": 3, "first": 8, "second": 8, "input_scale": [1.0, 1.0, 1.0]}
            network, loss = build(kind, shape, 0), mean_absolute_error
            data = np.linspace(0, 1, 66).reshape(22, 3), pictures
        fit(
            network,
            loss,
            training=data,
            validation=data,
            schedule=SCHEDULE,
            seed=4,
            checkpoint=tmp_path / "checkpoint",
            origin="",
        )
        found.append(weights_of(network))
    for name, array in found[0].items():
        np.testing.assert_allclose(array, found[1][name], rtol=1e-4, atol=1e-6)
