"""Samples and trainings small enough for a test, shared by the tests of training and prediction."""

import numpy as np

import mocks
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import build, load_network, save_network
from moirespin.learning.training import Schedule
from moirespin.learning.training_tasks import (
    generation,
    joint_regression,
    regression,
    train_network,
)
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(0.5, 5.0), exchange=(0.5, 5.0), anisotropy=(0.5, 5.0))
SCHEDULE = Schedule(
    batch_size=8,
    learning_rate=1e-3,
    lowest_learning_rate=1e-5,
    lowering_factor=0.5,
    plateau_epochs=2,
    stopping_epochs=4,
    max_epochs=4,
)
LONG_SCHEDULE = SCHEDULE._replace(
    learning_rate=3e-3, plateau_epochs=10, stopping_epochs=40, max_epochs=40
)


def make_samples(train=16, validation=4, test=5, *, pixels=8, poisoned=False):
    """Return samples, whose contrast is their exchange, as `packed_images.opened` gives them.

    A poisoned test part shows in all that is computed from it.
    """
    samples = mocks.dataset(DATASET, sample=train + validation + test, x=pixels, y=pixels)
    samples["split"][:] = np.repeat([0, 1, 2], [train, validation, test])
    images = samples["image"].values * samples["exchange"].values[:, None, None, None] / 5
    samples["image"] = samples["image"].copy(data=packed_images.pack(images))
    if poisoned:
        held = samples["split"].values == 2
        samples["image"].values[held] = -32768
        for name in netcdf.PARAMETERS:
            samples[name].values[held] = np.nan
    return samples


def train(task, samples, path, schedule=SCHEDULE):
    """Train the network of a task and return it as `load_network` does."""
    train_network(task, samples, schedule=schedule, seed=1, code="abc", path=str(path))
    return load_network(str(path))


def regress(samples, path, parameter="exchange"):
    widths = {"first": 6, "features": 5, "third": 4}
    return train(regression(parameter, widths, RANGES), samples, path)


def generate(samples, path, input_scale=(1.0, 1.0, 1.0)):
    shape = {"first": 6, "second": 5, "input_scale": list(input_scale)}
    return train(generation(5, shape, RANGES), samples, path)


def regress_jointly(samples, path, schedule=SCHEDULE):
    task = joint_regression({"channels": [3, 4], "features": 8}, RANGES)
    return train(task, samples, path, schedule)


def untrained_joint(path, *, pixels):
    """Write a joint network as it is before its training."""
    shape = {"pixels": pixels, "channels": [3, 4], "features": 8}
    about = {"kind": "joint", "target": "parameters", "shape": shape, "seed": 1}
    save_network(str(path), build("joint", shape, 1), {}, about=about)
