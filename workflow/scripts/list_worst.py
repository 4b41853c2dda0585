"""List the test samples with the largest errors, and what may be wrong with them."""

from typing import TYPE_CHECKING

from moirespin.analysis.worst_samples import (
    describe,
    find_causes,
    list_worst,
    measure_errors,
    summarise_causes,
)
from moirespin.io import csv_tables, netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Ranges

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start(snakemake)
given, params = snakemake.input, snakemake.params
ranges = Ranges(**params.ranges)
regression = netcdf.read(REGRESSION_SCORES, given.regression)
joint = netcdf.read(PARAMETER_PREDICTIONS, given.joint)
errors = measure_errors(regression, joint, netcdf.read(GENERATOR_SCORES, given.generator))
with packed_images.opened(DATASET, given.dataset) as samples:
    described = describe(samples, ranges)
causes = find_causes(described, ranges)
phase_diagram = netcdf.read(PHASE_DIAGRAM, given.phase_diagram)
worst = list_worst(described, errors, causes, phase_diagram, params.number)
csv_tables.write(worst, snakemake.output.worst, provenance.of(snakemake))
csv_tables.write(
    summarise_causes(errors, causes), snakemake.output.causes, provenance.of(snakemake)
)
