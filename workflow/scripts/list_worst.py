"""List the test samples with the largest errors, and what may be wrong with them."""

from typing import TYPE_CHECKING

from moirespin import csvw, dataset, origin, packed, runtime
from moirespin.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.schemas.states import PHASE_DIAGRAM
from moirespin.worst import describe, find_causes, list_worst, measure_errors, summarise_causes

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

runtime.start(snakemake.log[0])
given, params = snakemake.input, snakemake.params
regression = dataset.read(REGRESSION_SCORES, given.regression)
joint = dataset.read(PARAMETER_PREDICTIONS, given.joint)
errors = measure_errors(regression, joint, dataset.read(GENERATOR_SCORES, given.generator))
with packed.opened(DATASET, given.dataset) as samples:
    described = describe(samples, params.ranges)
causes = find_causes(described, params.ranges)
phase_diagram = dataset.read(PHASE_DIAGRAM, given.phase_diagram)
worst = list_worst(described, errors, causes, phase_diagram, params.number)
csvw.write(worst, snakemake.output.worst, origin.of(snakemake))
csvw.write(summarise_causes(errors, causes), snakemake.output.causes, origin.of(snakemake))
