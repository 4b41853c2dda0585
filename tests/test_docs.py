"""Texts can be read in a terminal, and their links lead somewhere."""

import csv
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from moirespin.cli.__main__ import COMMANDS
from moirespin.io import checksum

PROJECT = Path(__file__).parents[1]
TEXTS = [
    path
    for folder in (
        ".",
        "docs",
        "docs/gallery",
        "docs/paper-run",
        "benchmarks",
        "results",
        "resources/textures",
    )
    for path in sorted((PROJECT / folder).glob("*.md"))
]
CAPTIONS = sorted((PROJECT / "workflow/report").glob("*.rst"))


def named(path):
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("path", [*TEXTS, *CAPTIONS], ids=named)
def test_lines_fit_into_100_columns(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    # A row of a table has to be one line.
    long = [n for n, line in enumerate(lines, 1) if len(line) > 100 and not line.startswith("|")]
    assert long == []


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_links_between_files_lead_somewhere(path):
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_readme_is_short():
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_citation_names_the_version_of_the_project():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]


def releases():
    """Return the text below the heading of each version of the changelog, the latest first."""
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"^## \[(.+?)\](.*)$", text, flags=re.MULTILINE)[1:]
    return [tuple(parts[start : start + 3]) for start in range(0, len(parts), 3)]


def test_every_version_of_the_changelog_says_what_changes_results():
    for name, _, text in releases():
        below = text.partition("### Changes results\n")[2].partition("\n### ")[0]
        assert below.strip(), name


def test_latest_release_of_the_changelog_is_the_cited_one():
    (first, _, _), *released = releases()
    assert first == "Unreleased"
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    if released:
        name, date, _ = released[0]
        assert (name, date) == (citation["version"], f" - {citation['date-released']}")
    else:
        assert "date-released" not in citation


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section(command):
    text = (PROJECT / "docs/cli.md").read_text(encoding="utf-8")
    assert f"\n## `moirespin {command}`: " in text


def test_site_has_every_page():
    """MkDocs refuses a page that no entry names; this needs no MkDocs."""
    site = (PROJECT / "docs/site/mkdocs.yml").read_text(encoding="utf-8")
    pages = [path for path in (PROJECT / "docs").rglob("*.md")]
    assert [
        named(path) for path in pages if str(path.relative_to(PROJECT / "docs")) not in site
    ] == []


RECORDED = sorted((PROJECT / "docs/calibration").glob("*.csv"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_recorded_readings_are_of_the_shipped_model_or_the_document_says_so(path):
    with path.open(encoding="utf-8") as file:
        models = {row.get("model_sha256") for row in csv.DictReader(file)} - {None, ""}
    shipped = checksum.digest(PROJECT / "resources/textures/c3z.safetensors")
    text = (PROJECT / "docs/measure.md").read_text(encoding="utf-8")
    assert models <= {shipped} or f"{path.name} was made with an older texture model" in text
