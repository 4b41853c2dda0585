"""Make the texture model of this folder again: relax, train, score, write.

    .venv/bin/python resources/textures/make_model.py --cache results/texture-model

Both branches are relaxed for the paper's 23,000 parameter sets (config.yaml under
workflow/presets/paper.yaml), and for sets of small angles on coarse supercells, where the scaling
law lets J stand for J theta^2. A fifth of the sets is left out of the training; on these the model
is scored, and the scores go into its record. What is relaxed is kept in the cache: a run that was
stopped goes on where it was. About half an hour on two cores, most of it relaxation.
"""

import argparse
import logging
import time
from pathlib import Path

import jax
import numpy as np
import yaml

from moirespin.io import provenance
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.pipeline import arithmetic, fingerprint
from moirespin.solver.relaxation import Solver
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import Material, build_model, read_material, read_sweep
from moirespin.states.sweep import draw_parameters
from moirespin.textures.branches import Branches, relax_branches
from moirespin.textures.cell import build_waves
from moirespin.textures.drawing import LEAST_RATIO
from moirespin.textures.examples import Score, as_examples, choose, join, score
from moirespin.textures.model_files import save_model
from moirespin.textures.registry import registries
from moirespin.textures.training import Limits, Settings, train

ROOT = Path(__file__).parents[2]
REACH = 36.0  # longest wavevector, in shortest ones of the moire lattice
SETTINGS = Settings(components=96, width=192, epochs=450, batch_size=128, learning_rate=2e-3)
SEED = 1
# Beyond the paper's largest angle, so that 4 degrees lie inside: twist index and number of sets.
LARGE_ANGLES = {7: 460}
# Twist index of a coarse supercell, and the number of sets there.
SMALL_ANGLES = {36: 160, 40: 160, 45: 128, 52: 96, 64: 64, 90: 32}
LEAST_EXCHANGE_MEV = 0.1
# J (meV) at which the stability limit is computed, in the paper's box and at small angles.
LIMITS_MEV = tuple(np.linspace(1, 10, 9))
SMALL_LIMITS_MEV = {36: (0.3, 1, 3, 8), 45: (0.1, 0.3, 1, 3)}
TEST_SHARE = 0.2
SMALLEST_ANGLE_DEG = 0.1

logger = logging.getLogger("moirespin")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make the shipped texture model again.")
    parser.add_argument("--cache", type=Path, required=True, help="folder for relaxed branches")
    parser.add_argument("--out", type=Path, default=ROOT / "resources/textures/c3z.safetensors")
    parser.add_argument("--lanes", type=int, default=16, help="starts relaxed at once")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    arithmetic.refuse_altering_flags()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    paper = yaml.safe_load((ROOT / "workflow/presets/paper.yaml").read_text(encoding="utf-8"))
    config["seed"], config["sweep"] = paper["seed"], config["sweep"] | paper["sweep"]
    material = read_material(config)
    options.cache.mkdir(parents=True, exist_ok=True)
    relaxed = {
        index: relax(index, parameters, config=config, options=options)
        for index, parameters in list_sets(config).items()
    }
    save_model(train_and_score(relaxed, material, config), options.out)


def list_sets(config: dict) -> dict[int, np.ndarray]:
    """Return J and D (meV) of the sets of each twist index, shape (set, 2)."""
    sweep = config["sweep"]
    box = read_sweep(sweep).box
    sets = {
        index: draw_parameters(config["seed"], index, range(sweep["sets_per_angle"]), box=box)
        for index in sweep["twist_indices"]
    }
    for index, count in LARGE_ANGLES.items():
        sets[index] = draw_parameters(config["seed"], index, range(count), box=box)
    for index, count in SMALL_ANGLES.items():
        generator = np.random.default_rng([config["seed"], index])
        anisotropy = generator.uniform(*sweep["anisotropy_mev"], count)
        # Down to the J at which walls become too narrow for a supercell.
        least = np.log(np.maximum(LEAST_EXCHANGE_MEV, LEAST_RATIO * anisotropy))
        most = np.log(sweep["exchange_mev"][1])
        exchange = np.exp(least + generator.random(count) * (most - least))
        sets[index] = np.stack([exchange, anisotropy], axis=1)
    return sets


def relax(
    index: int, parameters: np.ndarray, *, config: dict, options: argparse.Namespace
) -> tuple[np.ndarray, Branches]:
    """Return sets and their branches, from the cache where they are in it."""
    path = options.cache / f"m{index:02d}.npz"
    if not path.exists():
        began = time.monotonic()
        bilayer, couplings = build_model(index, read_material(config))
        solver = Solver(**config["relax"])
        branches = relax_branches(
            bilayer, couplings, parameters, solver=solver, lanes=options.lanes
        )
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, parameters=parameters, **branches._asdict())
        unfinished.replace(path)
        logger.info("m = %d: relaxed in %.0f s", index, time.monotonic() - began)
        jax.clear_caches()
    with np.load(path) as stored:
        np.testing.assert_allclose(stored["parameters"], parameters, rtol=1e-12)
        return parameters, Branches(*(stored[name] for name in Branches._fields))


def train_and_score(relaxed: dict, material: Material, config: dict):
    """Return the trained model, its scores in its record."""
    waves = build_waves(REACH)
    indices = sorted(relaxed)
    limit, own = registries(indices, material)
    parts, held = {}, {}
    for place, index in enumerate(indices):
        parameters, branches = relaxed[index]
        bilayer = build_bilayer(index, **material.lattice._asdict())
        examples = as_examples(
            waves, bilayer, own[place], parameters_mev=parameters, branches=branches
        )
        # A stream apart from that of the sets themselves.
        draws = np.random.default_rng([SEED, index, 1]).random(len(parameters))
        test = draws < TEST_SHARE
        parts[index] = choose(examples, ~test)
        tested = Branches(*(values[test] for values in branches))
        held[index] = bilayer, choose(examples, test), tested
    points, registry = [], []
    for place, index in enumerate(indices):
        exchange = SMALL_LIMITS_MEV.get(index, () if index in SMALL_ANGLES else LIMITS_MEV)
        if len(exchange):
            _, couplings = build_model(index, material)
            lines = critical_anisotropy(couplings, np.array(exchange))
            for intralayer, critical in zip(exchange, lines, strict=True):
                if critical > 0:
                    points.append((twist_angle_deg(index), intralayer, critical))
                    registry.append(own[place])
    training = join(list(parts.values()))
    logger.info("training on %d sets", len(training.parameters))
    model = train(
        waves,
        training,
        limits=Limits(np.array(points), np.array(registry)),
        exchange=(limit, np.array(indices), own),
        settings=SETTINGS,
        seed=SEED,
    )
    scores = {
        index: score(model, bilayer, examples, branches=tested)
        for index, (bilayer, examples, tested) in held.items()
    }
    sweep = config["sweep"]
    about = {
        "ranges": {
            "twist_angle": [SMALLEST_ANGLE_DEG, twist_angle_deg(indices[0])],
            "exchange": sweep["exchange_mev"],
            "anisotropy": sweep["anisotropy_mev"],
        },
        "smallest_trained_deg": twist_angle_deg(indices[-1]),
        "least_exchange_mev": LEAST_EXCHANGE_MEV,
        "lattice": material.lattice._asdict(),
        "settings": SETTINGS._asdict(),
        "training_sets": len(training.parameters),
        "training_textures": [len(rows) for rows in training.sets],
        "scores": {
            "paper_box": summarise([scores[index] for index in sweep["twist_indices"]]),
            "small_angles": summarise([scores[index] for index in SMALL_ANGLES]),
        },
        "made": {
            "by": "resources/textures/make_model.py",
            "moirespin_version": provenance.moirespin_version(),
            "code": fingerprint.fingerprint("textures/training"),
            "seed": SEED,
            "config": {name: config[name] for name in ("seed", "lattice", "interlayer", "sweep")},
            "versions": provenance.versions(),
        },
    }
    return model._replace(about=about)


def summarise(scores: list[Score]) -> dict:
    """Return what scores say of ground states that the model has not seen."""
    joined = Score(*(np.concatenate(values) for values in zip(*scores, strict=True)))
    summary: dict = {"sets": len(joined.phase)}
    summary["phase_right"] = float(np.mean(joined.phase == joined.found))
    for branch, name in ((1, "NCD"), (2, "MD")):
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


if __name__ == "__main__":
    main()
