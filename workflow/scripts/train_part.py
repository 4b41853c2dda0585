"""Train the network of one Hamiltonian parameter on a part of the training set."""

from typing import TYPE_CHECKING

from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.learning.networks import annotate
from moirespin.learning.split_parts import first_samples
from moirespin.learning.training import Schedule
from moirespin.learning.training_tasks import regression, train_network
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
ranges = Ranges(**params.ranges)
task = regression(params.target["parameter"], params.widths, ranges)
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    train_network(
        task,
        first_samples(samples, params.part["fraction"], params.seed),
        schedule=Schedule(**params.training),
        seed=params.seed,
        code=params.code,
        path=snakemake.output.model,
    )
annotate(snakemake.output.model, ranges=ranges._asdict(), made=provenance.of(snakemake))
