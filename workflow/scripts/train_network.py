"""Train a network on the dataset, or on a fraction of its training set."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.weights import annotate
from moirespin.learning.split_parts import first_samples
from moirespin.learning.training import Schedule
from moirespin.learning.training_tasks import (
    generation,
    joint_regression,
    regression,
    robust_regression,
    scaled_regression,
    train_network,
)
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

TASKS = {"regression": regression, "generation": generation, "joint": joint_regression}
TASKS |= {"robust": robust_regression, "inputs": scaled_regression}

jobs.start_learning(snakemake)

params = snakemake.params
ranges = Ranges(**params.ranges)
((kind, network),) = params.task.items()
task = TASKS[kind](**network, ranges=ranges)
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    fraction = params.get("fraction")
    train_network(
        task,
        first_samples(samples, fraction["share"], fraction["seed"]) if fraction else samples,
        schedule=Schedule(**params.training),
        seed=params.seed,
        code=params.code,
        path=snakemake.output.model,
    )
annotate(snakemake.output.model, ranges=ranges._asdict(), made=provenance.of(snakemake))
