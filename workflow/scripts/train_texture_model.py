"""Train the texture model on both relaxed branches, and score it on sets held out."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.textures import BRANCHES
from moirespin.pipeline import jobs
from moirespin.states.settings import read_material, read_sweep
from moirespin.textures.angles import list_angles
from moirespin.textures.from_branches import Plan, train_on_branches
from moirespin.textures.model_files import save_model

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params = snakemake.params
sweep, block = read_sweep(params.sweep), params.block
angles = list_angles(sweep, block)
paths = dict(zip([angle.twist_index for angle in angles], snakemake.input.branches, strict=True))
model = train_on_branches(
    lambda index: netcdf.read(BRANCHES, paths[index]),
    Plan(angles, sweep.box, block["least_exchange_mev"], params.left_out["indices"]),
    material=read_material(params.model),
    settings=params.settings,
    seed=params.seed,
)
made = provenance.of(snakemake)
about = model.about | params.model | {"code": params.code}
save_model(model._replace(about=about | {"made": made}), snakemake.output.model)
