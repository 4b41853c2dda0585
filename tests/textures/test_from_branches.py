"""What a texture model on request is trained on, and what it is scored on."""

import numpy as np
import pytest

from moirespin.io import netcdf
from moirespin.io.schemas.textures import BRANCHES, FURTHER, TEST, TRAINING
from moirespin.physics.lattice import build_bilayer, twist_angle_deg
from moirespin.states.parameter_space import Box
from moirespin.states.settings import read_material
from moirespin.textures import from_branches
from moirespin.textures.angles import Angle
from moirespin.textures.branches import FAILED, FOUND, orbits
from moirespin.textures.from_branches import Plan, train_on_branches
from random_texture_model import random_model

SETS = 50
# Every fourth set is held out, and the last ten are further ones.
PARTS = np.where(np.arange(SETS) % 4 == 3, TEST, TRAINING)
PARTS[40:] = FURTHER
BOX = Box((1.0, 10.0), (0.01, 0.3))
ANGLES = [Angle(4, SETS, small=False), Angle(5, SETS, small=False), Angle(6, SETS, small=True)]
SETTINGS = {"reach": 4, "components": 3, "width": 8, "epochs": 1, "batch_size": 8}
SETTINGS |= {"learning_rate": 1e-3}


def relaxed(index):
    """Return made-up branches: of each set a texture of both, the noncollinear one lower."""
    bilayer = build_bilayer(index, 0.6867, 0.67)
    orbit_count = orbits(bilayer)[0].shape[1]
    generator = np.random.default_rng(index)
    return netcdf.make(
        BRANCHES,
        {
            "twist_index": np.full(SETS, index),
            "set_number": np.arange(SETS),
            "twist_angle": np.full(SETS, twist_angle_deg(index)),
            "part": PARTS,
            "branch_outcome": np.full((SETS, 2), FOUND),
            "exchange": generator.uniform(*BOX.exchange_mev, SETS),
            "anisotropy": generator.uniform(*BOX.anisotropy_mev, SETS),
            "tilt": generator.uniform(0, 1, (SETS, 2, 2, orbit_count)).astype(np.float32),
            "branch_energy": np.tile([-2.0, -1.0], (SETS, 1)),
            "branch_torque": np.zeros((SETS, 2), np.float32),
            "limit_exchange": np.array([2.0, 5.0]),
            "limit_anisotropy": np.array([0.2, -1.0]),
        },
    )


@pytest.fixture
def trained(monkeypatch, config):
    """Return a function that trains with angles left out; and what the training was given."""
    given = {}

    def stand_in(waves, examples, **others):
        given.update(others, examples=examples)
        return random_model()

    monkeypatch.setattr(from_branches, "train", stand_in)

    def run(left_out=(), read=relaxed):
        plan = Plan(ANGLES, BOX, 0.1, left_out)
        material = read_material(config)
        model = train_on_branches(read, plan, material=material, settings=SETTINGS, seed=5)
        return model.about, given

    return run


def test_drawn_sets_are_trained_on_or_scored_and_further_ones_trained_on(trained):
    about, given = trained()
    sets = np.concatenate([relaxed(angle.twist_index)["exchange"].values for angle in ANGLES])
    seen = np.isin(sets, given["examples"].parameters[:, 1])
    np.testing.assert_array_equal(seen, np.tile(PARTS, len(ANGLES)) != TEST)
    scored = [about["scores"][name]["sets"] for name in ("paper_box", "small_angles")]
    assert sum(scored) == len(ANGLES) * (PARTS == TEST).sum()


def test_sets_with_a_branch_that_failed_to_relax_have_no_phase_to_be_right(trained):
    about, _ = trained()

    def failing(index):
        branches = relaxed(index)
        branches["branch_outcome"][3, 0] = FAILED
        return branches

    broken, _ = trained(read=failing)
    for name, angles in (("paper_box", 2), ("small_angles", 1)):
        assert broken["scores"][name]["not_relaxed"] == angles
        assert broken["scores"][name]["sets"] == about["scores"][name]["sets"] - angles


def test_no_set_of_an_angle_left_out_is_trained_on(trained):
    everything, _ = trained()
    about, given = trained([5])
    angles = given["examples"].parameters[:, 0]
    np.testing.assert_allclose(np.unique(angles), [twist_angle_deg(6), twist_angle_deg(4)])
    np.testing.assert_allclose(
        np.unique(given["limits"].parameters[:, 0]), [twist_angle_deg(6), twist_angle_deg(4)]
    )
    # The same sets of it are scored as otherwise, apart.
    kept, left = (about["scores"][name]["sets"] for name in ("paper_box", "left_out"))
    assert kept + left == everything["scores"]["paper_box"]["sets"]


def test_stability_limits_are_given_where_there_is_one(trained):
    _, given = trained()
    np.testing.assert_array_equal(given["limits"].parameters[:, 1:], 3 * [[2.0, 0.2]])


def test_the_rest_is_not_interpolated_between_sets_of_small_angles(trained):
    _, given = trained()
    angles = given["examples"].parameters[:, 0]
    np.testing.assert_array_equal(given["interpolated"], angles > twist_angle_deg(6) + 1e-6)
