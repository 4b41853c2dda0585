"""The page of the tiny run: everything is on it, in order, and every link leads to a file."""

import re
from html.parser import HTMLParser

import pytest

from moirespin.figures.registry import FIGURES
from moirespin.pipeline import archive, products

pytestmark = pytest.mark.workflow

# Elements without an end.
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Links, anchors and pictures of a page, which must close what it opens."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.pictures, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.links += [found["href"]] if "href" in found else []
        self.anchors += [found["id"]] if "id" in found else []
        if tag == "img":
            assert found["alt"]
            self.pictures.append(found["src"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text(finished):
    return (finished / "results/test/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    found = Page(text)
    assert found.open == []
    return found


def test_figures_are_there_once_with_the_phase_diagram_first(page):
    others = [f.name for f in FIGURES if f.by_default and f.name != "fig11"]
    assert page.pictures == [f"figures/{name}.png" for name in ["fig11", *others]]


def test_links_lead_to_files_of_the_run_and_anchors(page, finished):
    assert len(page.anchors) == len(set(page.anchors))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.anchors
        elif link != archive.REPORT:
            assert (finished / "results/test" / link).is_file(), link
    kept = {path for path in products.computed() if not path.endswith(".json")}
    # The tiny run reads no measured image.
    kept -= {"tables/measurements.csv"}
    assert kept <= set(page.links)


def test_page_asks_for_nothing_from_outside(text):
    assert not re.search(r"(src|href)=.(https?:)?//|@import|<script", text)


def test_archive_leaves_out_only_what_the_page_says(page, finished, config):
    packed = {*archive.collect(finished / "results/test", config, with_dataset=False)}
    files = {link for link in page.links if not link.startswith("#")}
    assert files - packed == {archive.DATASET, archive.DRAWN}


def test_figure_on_request_is_shown_once_it_exists(rerun, planned, snakemake):
    run = rerun / "results/test"
    for kind in products.KINDS:
        (run / f"figures/fig_beyond_samples.{kind}").write_bytes(b"")
    assert planned(rerun).keys() == {"results_page"}
    answer = snakemake(rerun, "results_page")
    assert answer.returncode == 0, answer.stdout
    text = (run / "index.html").read_text(encoding="utf-8")
    assert 'src="figures/fig_beyond_samples.png"' in text
    assert "drawn on request" in text
