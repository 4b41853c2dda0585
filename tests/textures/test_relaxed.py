"""The sets of an angle: drawn ones, held-out ones, and further ones that follow the others."""

import numpy as np
import pytest

from moirespin.io.schemas.textures import FURTHER, TEST, TRAINING
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_space import Box
from moirespin.states.settings import read_material
from moirespin.textures import relaxed
from moirespin.textures.angles import Angle, draw_sets
from moirespin.textures.branches import ELSEWHERE, FOUND, Branches

BOX = Box((1.0, 10.0), (0.01, 0.3))
ANGLE = Angle(5, 200, small=False, further_sets=30)


def made_up_branches(bilayer, couplings, sets, *, solver, lanes):
    """Return domains that end beyond J = 6 meV and jump in size at 3 meV."""
    exchange = sets[:, 0]
    size = np.where(exchange < 3, 0.8, 0.4)
    tilt = np.tile(size[:, None, None, None], (1, 2, 2, 50)).astype(np.float32)
    there = exchange < 6
    tilt[~there, 1] = np.nan
    energy = np.tile([-1.0, -2.0], (len(sets), 1))
    energy[~there, 1] = np.nan
    outcome = np.full((len(sets), 2), FOUND)
    outcome[~there, 1] = ELSEWHERE
    return Branches(tilt, energy, np.zeros_like(energy), outcome)


@pytest.fixture
def relax(monkeypatch, config):
    monkeypatch.setattr(relaxed, "relax_branches", made_up_branches)

    def run(angle):
        return relaxed.relax_angle(
            angle,
            BOX,
            least_exchange_mev=0.1,
            test_share=0.2,
            material=read_material(config),
            solver=Solver(**config["relax"]),
            seed=3,
            lanes=4,
        )

    return run


def test_further_sets_come_last_and_lie_where_domains_change(relax):
    branches = relax(ANGLE)
    part = branches["part"].values
    sets = np.stack([branches["exchange"].values, branches["anisotropy"].values], axis=1)
    drawn = draw_sets(ANGLE, BOX, least_exchange_mev=0.1, seed=3)
    np.testing.assert_array_equal(sets[:200], drawn)
    assert np.all(part[200:] == FURTHER) and len(part) == 230
    assert set(part[:200]) == {TRAINING, TEST}
    assert np.abs(sets[200:, 0] - 3).max() < 1


def test_held_out_sets_do_not_draw_further_ones_to_themselves(relax):
    branches = relax(ANGLE)
    part = branches["part"].values
    sets = np.stack([branches["exchange"].values, branches["anisotropy"].values], axis=1)
    known = sets[(part == TRAINING) | (part == FURTHER)]
    middles = 0.5 * (known[:, None] + known[None]).reshape(-1, 2)
    for new in sets[part == FURTHER]:
        assert np.isclose(middles, new, rtol=0, atol=1e-12).all(axis=1).any()


@pytest.mark.parametrize("further", [0, 1, 2, 5])
def test_as_many_further_sets_are_relaxed_as_are_asked_for(relax, further):
    assert relax(ANGLE._replace(further_sets=further)).sizes["set"] == 200 + further
