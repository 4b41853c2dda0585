"""Train a network otherwise than in every run, in one choice."""

from typing import TYPE_CHECKING

from moirespin.images.image_set import Split
from moirespin.io import packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.weights import annotate
from moirespin.learning.changes import Changes
from moirespin.learning.training import Schedule
from moirespin.learning.training_tasks import train_network
from moirespin.learning.varied_samples import vary_samples
from moirespin.learning.varied_tasks import varied_task
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_learning(snakemake)

params = snakemake.params
ranges, changes = Ranges(**params.ranges), Changes(**params.changes)
task = varied_task(
    snakemake.wildcards.network,
    params.shape,
    ranges,
    changes=changes,
    loss=params.loss,
    snr_db=tuple(params.snr_db),
)
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    train_network(
        task,
        vary_samples(
            samples,
            changes,
            split=Split(**params.split),
            seed=params.data_seed,
            left_out=params.left_out["indices"],
        ),
        schedule=Schedule(**params.training),
        seed=params.seed,
        code=params.code,
        path=snakemake.output.model,
    )
annotate(snakemake.output.model, ranges=ranges._asdict(), made=provenance.of(snakemake))
