"""Numbers with their errors, and what a run's tables say of failures."""

import numpy as np
import pandas as pd
import pytest

from moirespin.analysis.material import ANOTHER
from moirespin.pages.summaries import as_texts, findings, with_error


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (5.50185, 0.68334, "5.50 ± 0.68"),
        (0.0338856, 0.00215109, "0.0339 ± 0.0022"),
        (342.759, 11.8317, "343 ± 12"),
        (1234.5, 234.5, "1230 ± 230"),
        (2.0, 0.0999, "2.00 ± 0.10"),
        (-0.24875, 0.5, "-0.25 ± 0.50"),
        (17292.0, np.nan, "17292"),
        (1.5, 0.0, "1.5"),
    ],
)
def test_error_has_two_digits_and_the_number_as_many_decimals(value, error, shown):
    assert with_error(value, error) == shown


def test_table_joins_numbers_with_their_errors_and_leaves_gaps_empty():
    table = pd.DataFrame(
        {"quantity": ["a", "b"], "ours": [1.0, np.nan], "error": [0.1, np.nan], "samples": [3, 4]}
    )
    shown = as_texts(table)
    assert list(shown.columns) == ["quantity", "ours", "samples"]
    assert shown.to_numpy().tolist() == [["a", "1.00 ± 0.10", "3"], ["b", "", "4"]]


@pytest.fixture
def tables():
    """Tables of a run in which nothing went wrong."""
    counts = {"twist_index": [8, "all"], "sets": 40, "not_converged": 0, "undetermined": 0}
    tested = {"sets": 5, "came_back": 5, "tilted_lowest_mev": -2e-5, "trials_not_converged": 0}
    return {
        "phases": pd.DataFrame(counts),
        "line_agreement": pd.DataFrame({"sets": [40], "agree": [40], "furthest": [0.0]}),
        "challenge": pd.DataFrame(tested, index=[0]),
        "trends": pd.DataFrame({"agrees": ["yes", "open"]}),
        "measurements": pd.DataFrame({"name": ["film"], "warnings": [np.nan]}),
    }


def test_good_run_asks_for_no_look(tables):
    assert not [finding.text for finding in findings(tables) if finding.asks]


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("phases", "not_converged", 3, "3 of 40 relaxed sets missed"),
        ("phases", "undetermined", 2, "2 of 40 sets have no finite state"),
        ("line_agreement", "agree", 39, "39 of 40 sets have the phase"),
        ("challenge", "came_back", 4, "4 of 5 tested"),
        ("challenge", "trials_not_converged", 1, "1 of these trials did not"),
        ("measurements", "warnings", "Beware.", "1 of 1 measured images were read with a warning"),
        ("trends", "agrees", "no", "2 statements about errors 0 hold here, 2 do not hold, 0"),
    ],
)
def test_each_failure_is_named_alone(table, column, value, words, tables):
    tables[table][column] = value
    (asking,) = [finding.text for finding in findings(tables) if finding.asks]
    assert words in asking


def test_another_material_has_no_verdicts_of_the_paper(tables):
    tables["trends"]["agrees"] = ANOTHER
    (said,) = [finding for finding in findings(tables) if "material" in finding.text]
    assert not said.asks


def test_run_without_measured_images_says_nothing_of_them(tables):
    tables["measurements"] = pd.DataFrame(columns=["name"])
    assert not [finding for finding in findings(tables) if "measured" in finding.text]
