"""The texture model trained on both relaxed branches of many sets, and scored on held-out sets.

Units: degree, meV.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from moirespin.io.schemas.textures import TEST
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.states.parameter_space import Box
from moirespin.states.settings import Material
from moirespin.textures.angles import Angle
from moirespin.textures.cell import Waves, build_waves
from moirespin.textures.examples import UNKNOWN, Score, as_examples, choose, join, score
from moirespin.textures.fitting import Settings
from moirespin.textures.model import DOMAIN, NONCOLLINEAR, TextureModel
from moirespin.textures.registry import registries
from moirespin.textures.relaxed import as_branches
from moirespin.textures.training import Examples, Limits, train

logger = logging.getLogger("moirespin")

# The scaling law stands for the model below its smallest trained angle, down to this (degree).
SMALLEST_ANGLE_DEG = 0.1


class Plan(NamedTuple):
    """What a model is trained on.

    Attributes:
        angles: all twist angles.
        box: ends of J and D.
        least_exchange_mev: lowest J at small angles.
        left_out: twist indices of which no set is trained on.
    """

    angles: Sequence[Angle]
    box: Box
    least_exchange_mev: float
    left_out: Sequence[int] = ()


def train_on_branches(
    read: Callable[[int], xr.Dataset],
    plan: Plan,
    *,
    material: Material,
    settings: dict[str, Any],
    seed: int,
) -> TextureModel:
    """Return a texture model trained on relaxed branches, with its scores in its record.

    Args:
        read: twist index -> schema `branches`; called twice for each angle.
        plan: what is trained on and what is held out.
        material: the layers and what couples them.
        settings: config block `textures`.
        seed: of all random choices.

    Raises:
        ValueError: if there are too few textures of a branch.
    """
    waves = build_waves(settings["reach"])
    indices = [angle.twist_index for angle in plan.angles]
    limit, own = registries(indices, material)
    registry = dict(zip(indices, own, strict=True))
    small = {angle.twist_index for angle in plan.angles if angle.small}
    parts, dense, points, at = [], [], [], []
    for index in indices:
        if index in plan.left_out:
            continue
        branches = read(index)
        examples = _examples(waves, branches, registry[index], material=material)
        parts.append(choose(examples, branches["part"].values != TEST))
        dense.append(np.full(len(parts[-1].parameters), index not in small))
        for exchange, critical in zip(
            branches["limit_exchange"].values, branches["limit_anisotropy"].values, strict=True
        ):
            if critical > 0:
                points.append((twist_angle_deg(index), exchange, critical))
                at.append(registry[index])
    training = join(parts)
    del parts
    logger.info("training on %d sets", len(training.parameters))
    model = train(
        waves,
        training,
        limits=Limits(np.array(points), np.array(at)),
        exchange=(limit, np.array(indices), own),
        # Sets of small angles are few; between them the rest would be worse than none.
        interpolated=np.concatenate(dense),
        settings=Settings(**{key: settings[key] for key in Settings._fields}),
        seed=seed,
    )
    about: dict[str, Any] = {
        "ranges": {
            "twist_angle": [SMALLEST_ANGLE_DEG, twist_angle_deg(indices[0])],
            "exchange": list(map(float, plan.box.exchange_mev)),
            "anisotropy": list(map(float, plan.box.anisotropy_mev)),
        },
        "smallest_trained_deg": twist_angle_deg(indices[-1]),
        "least_exchange_mev": plan.least_exchange_mev,
        "lattice": material.lattice._asdict(),
        "settings": settings,
        "training_sets": len(training.parameters),
        "training_textures": [len(rows) for rows in training.sets],
        "left_out": list(plan.left_out),
    }
    scores = {
        index: _score(model, read(index), registry[index], material=material) for index in indices
    }
    groups = {
        "paper_box": [a.twist_index for a in plan.angles if not a.small],
        "small_angles": [a.twist_index for a in plan.angles if a.small],
    }
    about["scores"] = {
        name: summarise([scores[index] for index in group if index not in plan.left_out])
        for name, group in (groups | {"left_out": []}).items()
        if group
    }
    if plan.left_out:
        about["scores"]["left_out"] = summarise([scores[index] for index in plan.left_out])
    return model._replace(about=about)


def _examples(
    waves: Waves, branches: xr.Dataset, registry: np.ndarray, *, material: Material
) -> Examples:
    bilayer = build_bilayer(int(branches["twist_index"][0]), **material.lattice._asdict())
    sets = np.stack([branches["exchange"].values, branches["anisotropy"].values], axis=1)
    return as_examples(
        waves, bilayer, registry, parameters_mev=sets, branches=as_branches(branches)
    )


def _score(
    model: TextureModel, branches: xr.Dataset, registry: np.ndarray, *, material: Material
) -> Score:
    """Return the scores of the sets of an angle that are held out."""
    bilayer = build_bilayer(int(branches["twist_index"][0]), **material.lattice._asdict())
    held = branches.isel(set=branches["part"].values == TEST)
    examples = _examples(model.waves, held, registry, material=material)
    return score(model, bilayer, examples, branches=as_branches(held))


def summarise(scores: list[Score]) -> dict[str, Any]:
    """Return what scores say of ground states that the model has not seen."""
    joined = Score(*(np.concatenate(values) for values in zip(*scores, strict=True)))
    sure = joined.phase != UNKNOWN
    summary: dict[str, Any] = {
        "sets": int(sure.sum()),
        "not_relaxed": int((~sure).sum()),
        "phase_right": float(np.mean((joined.phase == joined.found)[sure])),
    }
    for branch, name in ((NONCOLLINEAR, "NCD"), (DOMAIN, "MD")):
        known = (joined.phase == branch) & np.isfinite(joined.error)
        if not known.any():
            continue
        error = joined.error[known]
        relative = (joined.found_magnetization / joined.magnetization - 1)[known]
        summary[name] = {
            "states": int(known.sum()),
            "mean": float(error.mean()),
            "median": float(np.median(error)),
            "worst": float(error.max()),
            "sites_99th_percentile": float(joined.highest[known].mean()),
            "magnetization_mape": float(100 * np.abs(relative).mean()),
        }
        logger.info("%s: mean |dS^z| %.2g over %d states", name, error.mean(), known.sum())
    return summary
