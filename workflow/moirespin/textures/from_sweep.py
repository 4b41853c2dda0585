"""Examples from the shards of a sweep: the textures of its ground states, and all energies.

A sweep relaxes every start and keeps the winner's spins; of the others it keeps energies and layer
magnetisations, which say which branch they are. No state is relaxed anew.
"""

import numpy as np
import xarray as xr

from moirespin.images.raster import central_crop, raster_at, render
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.states import SHARD
from moirespin.io.weights import data_fingerprint
from moirespin.physics.hamiltonian import Couplings
from moirespin.physics.lattice import Bilayer, build_bilayer
from moirespin.solver.outcomes import CONVERGED
from moirespin.states.parameter_space import Box
from moirespin.states.settings import Material, build_model
from moirespin.textures.branches import (
    BRANCHES,
    BROKEN_ORBIT,
    ELSEWHERE,
    EQUAL_LAYERS,
    FAILED,
    FOUND,
    NEAR_CUT,
    UNIFORM,
    Branches,
    ferromagnetic_energy,
    orbits,
    signed_tilt,
)
from moirespin.textures.cell import build_waves
from moirespin.textures.drawing import draw
from moirespin.textures.examples import all_site_waves, as_examples, choose, join
from moirespin.textures.fitting import Settings
from moirespin.textures.model import TextureModel
from moirespin.textures.registry import registries
from moirespin.textures.training import Limits, train

# Spins of a winner that a random start gave may leave their plane.
COPLANAR = 1e-3


def branches_of_shard(shard: xr.Dataset, bilayer: Bilayer, couplings: Couplings) -> Branches:
    """Return what a shard knows of the branches of its sets.

    The energy of a branch is the lowest of the converged starts that ended in it; its tilt is known
    where it is the ground state.

    Args:
        shard: schema `shard`.
        bilayer: the sites of its twist index.
        couplings: bonds.
    """
    parameters = np.stack([shard["exchange"].values, shard["anisotropy"].values], axis=1)
    layers = np.abs(shard["start_magnetization"].values)
    apart = np.abs(layers[..., 0] - layers[..., 1]) > EQUAL_LAYERS
    sound = (shard["start_status"].values == CONVERGED) & (1 - layers.mean(axis=-1) > UNIFORM)
    energy = np.stack(
        [
            np.nanmin(
                np.where(sound & (apart == branch), shard["start_energy"].values, np.inf), axis=1
            )
            for branch in range(len(BRANCHES))
        ],
        axis=1,
    )
    found = np.isfinite(energy)
    energy = np.where(found, energy, np.nan)
    ended = (shard["start_status"].values == CONVERGED).any(axis=1, keepdims=True)
    outcome = np.where(found, FOUND, np.where(ended, ELSEWHERE, FAILED))
    energy -= ferromagnetic_energy(couplings, parameters)[:, None]

    sites, orbit = orbits(bilayer)
    tilt = np.full((len(parameters), len(BRANCHES), *sites.shape), np.nan, np.float32)
    for row in range(len(parameters)):
        own = shard["winner"].values[row]
        if own < 0 or not sound[row, own]:
            continue
        spins = shard["spins"].values[row].T
        if np.abs(spins[1]).max() > COPLANAR:
            continue
        angles = signed_tilt(spins[[0, 2]]).reshape(2, -1)
        representative = np.take_along_axis(angles, sites, 1)
        spread = np.abs(np.take_along_axis(representative, orbit, 1) - angles).max()
        middle = np.array([0.5, -0.5])[:, None] * np.pi
        if spread < BROKEN_ORBIT and np.abs(representative - middle).max() < np.pi - NEAR_CUT:
            tilt[row, int(apart[row, own])] = representative
    return Branches(tilt, energy, np.full(energy.shape, np.nan), outcome)


def identities_of(samples: xr.Dataset) -> set[tuple[int, int]]:
    """Return twist index and set number of samples, schema `dataset`."""
    indices, numbers = samples["twist_index"].values, samples["set_number"].values
    return set(zip(indices.tolist(), numbers.tolist(), strict=True))


def learnt_from(samples: xr.Dataset) -> xr.Dataset:
    """Return the samples that a texture model may see: all but the test part."""
    return samples.isel(sample=samples["split"].values != netcdf.SPLITS.index("test"))


def train_on_sweep(
    shards: list[str],
    samples: xr.Dataset,
    lines: xr.Dataset,
    *,
    seen: xr.Dataset,
    material: Material,
    reach: float,
    settings: Settings,
    box: Box,
    seed: int,
) -> TextureModel:
    """Return a texture model trained on the ground states of a sweep.

    Ferromagnetic sets are no samples, and have no texture: all of them are used.

    Args:
        shards: paths of all shards.
        samples: all samples, schema `dataset`; images are not read.
        lines: schema `phase_lines`, whose stability limits are used.
        seen: samples that are trained on, see `learnt_from`.
        material: the layers and what couples them.
        reach: longest wavevector of a texture, in shortest ones of the moire lattice.
        settings: of the training.
        box: J and D of the sweep; the model says that it knows these.
        seed: of all random choices.

    Raises:
        ValueError: if the sweep has too few textures of a branch.
    """
    waves = build_waves(reach)
    held = identities_of(samples) - identities_of(seen)
    parts, indices = [], sorted(lines["twist_index"].values.tolist())
    limit, own = registries(indices, material)
    bilayers = {}
    for path in shards:
        shard = netcdf.read(SHARD, path)
        index = int(shard["twist_index"].values[0])
        if index not in bilayers:
            bilayers = {index: build_model(index, material)}
        branches = branches_of_shard(shard, *bilayers[index])
        parameters = np.stack([shard["exchange"].values, shard["anisotropy"].values], axis=1)
        registry = own[indices.index(index)]
        examples = as_examples(
            waves, bilayers[index][0], registry, parameters_mev=parameters, branches=branches
        )
        numbers = shard["set_number"].values.tolist()
        parts.append(choose(examples, np.array([(index, n) not in held for n in numbers])))
    examples = join(parts)
    trained = train(
        waves,
        examples,
        limits=limits_of_lines(lines, dict(zip(indices, own, strict=True))),
        exchange=(limit, np.array(indices), own),
        interpolated=np.ones(len(examples.parameters), dtype=bool),
        settings=settings,
        seed=seed,
    )
    angles = lines["twist_angle"].values
    about = {
        "ranges": {
            "twist_angle": [float(angles.min()), float(angles.max())],
            "exchange": list(map(float, box.exchange_mev)),
            "anisotropy": list(map(float, box.anisotropy_mev)),
        },
        "smallest_trained_deg": float(angles.min()),
        "least_exchange_mev": float(box.exchange_mev[0]),
        "lattice": material.lattice._asdict(),
        "settings": {"reach": reach} | settings._asdict(),
        "training_sets": len(examples.parameters),
        "training_textures": [len(rows) for rows in examples.sets],
        "data": data_fingerprint(examples.parameters, examples.energy, *examples.tilt),
    }
    return trained._replace(about=about)


def limits_of_lines(lines: xr.Dataset, registry: dict[int, np.ndarray]) -> Limits:
    """Return the stability limits of phase lines, schema `phase_lines`."""
    points, own = [], []
    exchange = lines["line_exchange"].values
    for row, index in enumerate(lines["twist_index"].values.tolist()):
        angle = float(lines["twist_angle"].values[row])
        for intralayer, limit in zip(exchange, lines["fm_line"].values[row], strict=True):
            if limit > 0:
                points.append((angle, intralayer, limit))
                own.append(registry[index])
    return Limits(np.array(points), np.array(own))


def draw_test_images(
    model: TextureModel, samples: xr.Dataset, pixels: int, *, path: str, made: dict | None = None
) -> None:
    """Write the images of the test set as the texture model draws them, each in its own phase.

    Args:
        model: trained.
        samples: schema `dataset`, from `packed_images.opened`.
        pixels: along a side of the central part of the images that is drawn, as by the generator.
        path: file to write, schema `image_predictions`.
        made: as for `netcdf.write`.
    """
    chosen = np.flatnonzero(samples["split"].values == netcdf.SPLITS.index("test"))
    test = samples.isel(sample=chosen)
    centres = test["x"].values
    start = (len(centres) - pixels) // 2
    middle = centres[start : start + pixels]
    # An odd crop of an even image lies half a pixel off the origin.
    points = np.stack(np.meshgrid(middle, middle), axis=-1)
    count = len(chosen)
    empty = {name: packed_images.undrawn(count, pixels) for name in ("true", "predicted")}
    described = netcdf.make(
        IMAGE_PREDICTIONS, netcdf.identity(test) | empty | {"x": middle, "y": middle}
    )
    parameters = np.stack([test[name].values for name in netcdf.PARAMETERS], axis=1)
    indices = test["twist_index"].values
    lattice = model.about["lattice"]
    with packed_images.streamed(IMAGE_PREDICTIONS, described, path, made=made) as put:
        for rows in packed_images.batches(count):
            true = central_crop(test["image"].isel(sample=rows), pixels)
            put("true", rows.start, packed_images.load(true))
            drawn = np.zeros((len(indices[rows]), 2, pixels, pixels), np.float32)
            for index in np.unique(indices[rows]):
                bilayer = build_bilayer(int(index), **lattice)
                raster = raster_at(bilayer, points)
                at_sites = all_site_waves(model.waves, bilayer)
                for place in np.flatnonzero(indices[rows] == index):
                    angle, exchange, anisotropy = map(float, parameters[rows][place])
                    tilt = draw(
                        model, angle_deg=angle, exchange_mev=exchange, anisotropy_mev=anisotropy
                    ).tilt
                    spin_z = np.cos(np.einsum("lcw,scw->ls", tilt, at_sites, optimize=True))
                    drawn[place] = render(raster, spin_z.ravel())
            put("predicted", rows.start, drawn)
