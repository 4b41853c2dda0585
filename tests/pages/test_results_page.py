"""The page of results, of stand-ins for tables: what is on it, in which order, what is escaped."""

import re

import pandas as pd
import pytest

from moirespin.figures.registry import FIGURES
from moirespin.pages.results_page import write_page
from moirespin.pipeline import products


@pytest.fixture
def tables():
    """A table for each that a run has; those that are summed up have what is summed."""
    found = {name: pd.DataFrame({"note": ["a <b> & c"]}) for name in products.tables_show()}
    counts = {"twist_index": [8, "all"], "sets": 40, "not_converged": 2, "undetermined": 0}
    tested = {"sets": 5, "came_back": 5, "tilted_lowest_mev": -2e-5, "trials_not_converged": 0}
    numbers = {"quantity": ["MAPE of J (%)"], "paper": ["< 1.2"], "ours": [5.50185]}
    return found | {
        "phases": pd.DataFrame(counts),
        "line_agreement": pd.DataFrame({"sets": [40], "agree": [40], "furthest": [0.0]}),
        "challenge": pd.DataFrame(tested, index=[0]),
        "trends": pd.DataFrame({"agrees": ["yes", "no"]}),
        "paper_comparison": pd.DataFrame(numbers | {"error": [0.68334]}),
        "measurements": pd.DataFrame(columns=["name"]),
    }


@pytest.fixture
def page(tables, config):
    """(**changes) -> the page."""
    shown = {figure.name: figure.shows for figure in FIGURES}
    made = {"config": config, "seed": 1, "versions": {"numpy": "2"}, "moirespin_version": "1.2.3"}

    def write(**changes):
        given = {"figures": shown, "tables": tables, "headings": products.tables_show()}
        given |= {"files": products.described(), "also": [], "measurements": [], "made": made}
        return write_page(**(given | changes))

    return write


def test_headline_numbers_and_phase_diagram_come_first(page):
    text = page()
    order = ["5.50 ± 0.68", "figures/fig11.png", "2 of 40 relaxed sets", "figures/fig01.png"]
    order += ["figures/fig13.png", "figures/fig_worst.png", "<summary>", "phase_diagram.nc"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "moirespin 1.2.3, seed 1, numpy 2." in text


def test_texts_of_tables_are_escaped(page):
    text = page()
    assert "a &lt;b&gt; &amp; c" in text and "&lt; 1.2" in text
    assert "<b>" not in text


def test_table_without_rows_and_measurements_without_images_are_left_out(page):
    assert 'id="measurements"' not in page()
    assert "Measured images" not in page()


def test_measured_images_are_shown_with_their_captions(page):
    text = page(measurements=["film"])
    assert re.findall(r'src="(measurements/[^"]+)"', text) == [
        "measurements/film/fit.png",
        "measurements/film/corner.png",
    ]
    assert "film</span>" in text


def test_figure_on_request_says_so(page):
    assert page().count("drawn on request") == 0
    assert page(also=["fig_beyond_starts"]).count("drawn on request") == 1


def test_explorer_is_linked_where_there_is_one(page):
    assert 'href="explorer.html"' in page(files={"explorer.html": "a page"})
    assert 'href="explorer.html"' not in page(files={})


def test_tables_on_request_are_listed_once_they_exist(tmp_path):
    assert products.tables_on_request(tmp_path) == {}
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/coverage.csv").write_text("a\n1\n")
    assert list(products.tables_on_request(tmp_path)) == ["tables/coverage.csv"]
