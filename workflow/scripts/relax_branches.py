"""Relax both branches of all parameter sets of one twist angle of the texture model."""

from typing import TYPE_CHECKING

from moirespin.io import netcdf, provenance
from moirespin.io.schemas.textures import BRANCHES
from moirespin.pipeline import jobs
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_space import Box
from moirespin.states.settings import read_material
from moirespin.textures.angles import Angle
from moirespin.textures.relaxed import relax_angle

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

jobs.start_simulation(snakemake)

params, model = snakemake.params, snakemake.params.model
branches = relax_angle(
    Angle(**params.angle["angle"]),
    Box(**params.sweep),
    least_exchange_mev=params.angle["least_exchange_mev"],
    test_share=params.angle["test_share"],
    material=read_material(model),
    solver=Solver(**model["relax"]),
    seed=model["seed"],
    lanes=snakemake.resources.lanes,
)
netcdf.write(BRANCHES, branches, snakemake.output.branches, made=provenance.of(snakemake))
