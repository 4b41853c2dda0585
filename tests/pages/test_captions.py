"""Captions: all are reStructuredText, names are filled in, and nothing in them becomes code."""

import pytest

from moirespin.analysis.registry import TABLES
from moirespin.figures.registry import FIGURES
from moirespin.pages import captions
from moirespin.pipeline.products import tables_show

MEASURED = ["measurement_fit", "measurement_corner"]
NAMES = (
    [figure.name for figure in FIGURES]
    + sorted({table.name for table in TABLES} | {*tables_show()})
    + ["workflow"]
)


@pytest.mark.parametrize("name", NAMES)
def test_caption_is_set_as_html(name):
    text = captions.caption(name, {"run": "a<b>&c"})
    assert text.startswith("<p>")
    assert "a&lt;b&gt;&amp;c" in text
    assert "{{" not in text and "`" not in text and "**" not in text


@pytest.fixture
def written(tmp_path, monkeypatch):
    """(text) -> the caption of that text."""
    monkeypatch.setattr(captions, "TEXTS", tmp_path)

    def set_text(text):
        (tmp_path / "some.rst").write_text(text)
        return captions.caption("some", {"run": "r"})

    return set_text


def test_single_backticks_are_names_of_columns(written):
    assert "came_back</span>" in written("Column `came_back` of all.")


@pytest.mark.parametrize("text", ["`open", ".. unknown::", ".. include:: /etc/passwd"])
def test_what_is_no_caption_is_refused_by_its_name(text, written):
    with pytest.raises(ValueError, match=r"workflow/report/some.rst is no reStructuredText"):
        written(text)


@pytest.mark.parametrize("name", MEASURED)
def test_caption_of_a_measured_image_names_it(name):
    assert "some_image</span>" in captions.caption(name, {"run": "r"}, image="some_image")


def test_html_in_a_caption_is_shown_and_not_run(written):
    assert "<script" not in written("<script>alert(1)</script>")
