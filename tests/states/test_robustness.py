"""Winners tilted out of their plane, and random starts beside them."""

import numpy as np
import pytest
import xarray as xr

from moirespin.analysis.robustness_outcome import challenge_outcome
from moirespin.io import netcdf
from moirespin.io.schemas.trials import CHALLENGE_OF_ANGLE
from moirespin.states.ground_state import as_general, structured_starts
from moirespin.states.parameter_sets import simulate_sets
from moirespin.states.phases import Thresholds
from moirespin.states.robustness import TILTED, Trials, challenge_winners, tilt_out_of_plane
from moirespin.states.sweep import stream

M = 8
TRIALS = Trials(tilt_rad=0.3, random_starts=3)


@pytest.fixture(scope="module")
def states(recipe):
    parameters = np.array([[2.01, 0.22], [5.0, 0.05], [1.2, 0.05]])
    return simulate_sets(M, np.arange(3), parameters, recipe=recipe, lanes=16)


@pytest.fixture(scope="module")
def challenge(recipe, config):
    """(states, trials) -> what becomes of the trials."""
    rest = {"thresholds": Thresholds(**config["phases"]), "seed": recipe.seed, "lanes": 16}
    return lambda states, trials: challenge_winners(
        states, trials, recipe.material, solver=recipe.solver, **rest
    )


@pytest.fixture(scope="module")
def tested(states, challenge):
    return challenge(states, TRIALS)


def test_tilt_leaves_the_plane_everywhere_and_keeps_the_length(couplings):
    flat = as_general(structured_starts(couplings(M), ("noncollinear",))[0])
    tilted = tilt_out_of_plane(flat, couplings(M), 0.3, seeds=stream(0, M, 0))
    np.testing.assert_allclose(np.linalg.norm(tilted, axis=0), 1, atol=1e-12)
    angles = np.arcsin(np.abs(tilted[1]))
    assert 0.15 < angles.mean() < 0.35
    # The layers lean to opposite sides, which turns them against each other.
    top, bottom = tilted[1].reshape(2, -1).mean(axis=1)
    assert top - bottom > 0.2
    np.testing.assert_array_equal(
        tilt_out_of_plane(flat, couplings(M), 0.3, seeds=stream(0, M, 0)), tilted
    )


@pytest.mark.slow
def test_winners_come_back(tested, config):
    back = tested["excess"].sel(trial=TILTED).values
    assert np.abs(back).max() < config["ground_state"]["degeneracy_mev"]
    assert (tested["trial_converged"].values == 1).all()
    assert (tested["trial_steps"].values > 1).all()


@pytest.mark.slow
def test_a_winner_that_is_no_minimum_is_found_out(states, challenge):
    """The ferromagnet, a stationary state at any D, put in the place of an NCD winner."""
    wrong = states.isel(set=[1, 1]).copy(deep=True)
    assert wrong["magnetization"].values.max() < 0.99
    wrong["spins"].values[...] = np.array([0.0, 0.0, 1.0], np.float32)
    wrong["energy"].values[...] += 5.0
    found = challenge(wrong, TRIALS)
    tilted = found["excess"].sel(trial=TILTED).values
    assert tilted == pytest.approx(np.array([-5.0, -5.0]), abs=1e-3)
    row = challenge_outcome(found, 0.01).iloc[0]
    assert (row["sets"], row["came_back"]) == (2, 0)
    assert row["tilted_lowest_mev"] == pytest.approx(-5.0, abs=1e-3)


@pytest.mark.slow
def test_sets_without_a_winner_are_left_out(states, challenge):
    gone = states.copy(deep=True)
    gone["winner"].values[0] = -1
    found = challenge(gone, TRIALS)
    assert found["set_number"].values.tolist() == [1, 2]


@pytest.mark.slow
def test_file_passes_its_schema(tested, tmp_path):
    path = tmp_path / "m08.nc"
    netcdf.write(CHALLENGE_OF_ANGLE, tested, path)
    xr.testing.assert_allclose(netcdf.read(CHALLENGE_OF_ANGLE, path), tested)
