"""What the tests of ground states found, by hand."""

from itertools import combinations

import numpy as np

import mocks
from moirespin.analysis.robustness_outcome import challenge_outcome, misses
from moirespin.io.schemas.trials import CHALLENGE


def test_chance_of_missing_is_the_average_over_all_choices():
    excess = np.array([[0.0, 0.5, 0.02, 3.0, 0.005], [1.0, 1.0, 1.0, 1.0, 1.0]])
    for tries in range(1, 6):
        choices = [list(chosen) for chosen in combinations(range(5), tries)]
        expected = [np.mean([row[chosen].min() > 0.01 for chosen in choices]) for row in excess]
        np.testing.assert_allclose(misses(excess, 0.01, tries), expected)


def test_a_start_below_the_winner_is_the_ground_state():
    """Then the winner's own energy counts as missed."""
    np.testing.assert_allclose(misses(np.array([[0.0, -1.0]]), 0.01, 1), [0.5])
    np.testing.assert_allclose(misses(np.array([[0.0, np.nan]]), 0.01, 1), [0.5])


def test_outcome_counts_what_the_trials_say():
    tested = mocks.dataset(CHALLENGE, set=3, trial=4, start=1)
    tested["twist_index"][:] = 8
    tested["excess"][:] = [[0.0, 2.0, 1.0, 3.0], [0.02, 0, 0, 0], [0, -0.5, 0, 0]]
    tested["trial_converged"][:] = 1
    tested["trial_converged"][0, 1] = 0
    row = challenge_outcome(tested, 0.01).iloc[0]
    assert (row["sets"], row["came_back"], row["trials_not_converged"]) == (3, 2, 1)
    assert (row["random_missed"], row["random_missed_by_mev"]) == (1, 1.0)
    assert (row["random_below_winner"], row["random_lowest_mev"]) == (1, -0.5)
