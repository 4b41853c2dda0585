"""Train the texture model on the ground states of the sweep, or on a fraction of them."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import PHASE_LINES
from moirespin.learning.split_parts import first_samples
from moirespin.pipeline import jobs
from moirespin.states.parameter_space import Box
from moirespin.states.settings import read_material
from moirespin.textures.fitting import Settings
from moirespin.textures.from_sweep import learnt_from, train_on_sweep
from moirespin.textures.model_files import save_model

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
settings = dict(params.settings)
reach = settings.pop("reach")
with packed_images.opened(DATASET, snakemake.input.dataset) as samples:
    fraction = params.get("fraction")
    kept = first_samples(samples, fraction["share"], fraction["seed"]) if fraction else samples
    model = train_on_sweep(
        list(snakemake.input.shards),
        samples,
        netcdf.read(PHASE_LINES, snakemake.input.lines),
        seen=learnt_from(kept),
        material=read_material(params.model),
        reach=reach,
        settings=Settings(**settings),
        box=Box(**params.sweep),
        seed=params.seed,
    )
about = model.about | params.model | {"code": params.code}
made = provenance.of(snakemake)
save_model(model._replace(about=about | {"made": made}), snakemake.output.model)
