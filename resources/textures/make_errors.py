"""Make the examples of a texture model's errors again: relax, compare, write.

    .venv/bin/python resources/textures/make_errors.py

They belong to one model, and are to be made anew with it. Parameter sets are drawn with a seed of
their own, so that the model was trained on none of them. Both branches are relaxed where they are
the ground state, or so close to it that a measured sample may be in them. An angle that is measured
is commensurate by chance only, and the registry of a commensurate bilayer unknown: the model is
asked for the average one, so that the difference counts as its error. Some minutes on two cores.
"""

import argparse
import logging
import time
from pathlib import Path

import numpy as np
import yaml

from moirespin.inference.cell_textures import from_trained, wave_index
from moirespin.inference.error_examples import (
    FOREIGN,
    ErrorExamples,
    relaxed_waves,
    save_examples,
)
from moirespin.inference.measurement import Textures
from moirespin.physics.lattice import twist_angle_deg
from moirespin.pipeline import arithmetic
from moirespin.probes.stray_field import Moment
from moirespin.solver.relaxation import Solver
from moirespin.states.settings import build_model, read_material, read_sweep
from moirespin.states.sweep import draw_parameters
from moirespin.textures.branches import orbits, relax_branches
from moirespin.textures.model_files import load_model

ROOT = Path(__file__).parents[2]
SEED = 77
# Longest wavevector that is kept, in shortest ones of the moire lattice.
REACH = 10.0
SETS_PER_ANGLE = 24
# Beyond the paper's angles: twist index and number of sets.
SMALL_ANGLES = {36: 16, 45: 8}
# What a sample may lie above its ground state: the default of `moirespin infer`.
EXCESS_MEV = 1.0

logger = logging.getLogger("moirespin")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Make a texture model's error examples again.")
    parser.add_argument("--model", type=Path, default=Path(__file__).with_name("c3z.safetensors"))
    parser.add_argument("--lanes", type=int, default=16, help="starts relaxed at once")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    arithmetic.refuse_altering_flags()
    arithmetic.pin_arithmetic(double=True)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    trained = load_model(options.model)
    # As closely as what the model was trained on.
    config["relax"] = trained.about["made"]["config"]["relax"]
    model = from_trained(trained, moment=Moment(**config["magnet"]), examples=None)
    counts = dict.fromkeys(config["sweep"]["twist_indices"], SETS_PER_ANGLE) | SMALL_ANGLES
    parts = [
        compare(twist_index, count, model, config=config, lanes=options.lanes)
        for twist_index, count in counts.items()
    ]
    joined = [np.concatenate(values) for values in zip(*parts, strict=True)]
    branch, parameters, errors = joined
    save_examples(ErrorExamples(branch, parameters, wave_index(REACH), errors), options.model)


def compare(
    twist_index: int, count: int, model: Textures, *, config: dict, lanes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return branch, parameters and errors of new sets of one angle, as in `ErrorExamples`."""
    began = time.monotonic()
    box = read_sweep(config["sweep"]).box
    sets = draw_parameters(SEED, twist_index, range(count), box=box)
    bilayer, couplings = build_model(twist_index, read_material(config))
    relaxed = relax_branches(
        bilayer, couplings, sets, solver=Solver(**config["relax"]), lanes=lanes
    )
    ground = np.fmin(np.nanmin(np.c_[relaxed.energy_mev, np.zeros(count)], axis=1), 0.0)
    _, orbit = orbits(bilayer)
    index, twist = wave_index(REACH), twist_angle_deg(twist_index)
    branches, parameters, errors = [], [], []
    for row, branch in np.argwhere(relaxed.energy_mev - ground[:, None] <= EXCESS_MEV):
        tilt = relaxed.tilt[row, branch]
        if np.isnan(tilt).any():
            continue
        angle = np.take_along_axis(tilt.astype(float), orbit, 1).ravel()
        spins = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
        found, resolved = relaxed_waves(bilayer, spins, index)
        drawn = np.asarray(model.amplitudes(int(branch), (twist, *sets[row])))
        error = np.where(resolved, drawn[..., : len(index)] - found, 0.0)[:, [0, 2]]
        if 0.5 * np.sum(np.abs(error[:, 1]) ** 2) < FOREIGN:
            branches.append(branch)
            parameters.append((twist, *sets[row]))
            errors.append(error.astype(np.complex64))
    logger.info("m = %d: %d textures in %.0f s", twist_index, len(errors), time.monotonic() - began)
    return np.array(branches), np.array(parameters), np.array(errors)


if __name__ == "__main__":
    main()
