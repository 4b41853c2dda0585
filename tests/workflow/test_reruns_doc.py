"""docs/reruns.md says what the tests of reruns test.

Its tables are written by `python tests/workflow/test_reruns_doc.py` from those tests.
"""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOC = PROJECT / "docs/reruns.md"
TESTS = PROJECT / "tests/workflow/test_rerun.py"


def load_tests():
    spec = importlib.util.spec_from_file_location("rerun_cases", TESTS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = load_tests()


def keys(changes, path=""):
    """Return the dotted keys that a change of the config sets."""
    if not isinstance(changes, dict):
        return [path]
    return [key for name in changes for key in keys(changes[name], f"{path}.{name}".lstrip("."))]


def describe(rules):
    """Return the rules in words, in order, those of figures in short."""
    if not rules:
        return "nothing"
    if rules == CASES.ALL:
        return "everything"
    if rules < CASES.ALL and len(CASES.ALL - rules) <= 4:
        return "everything but " + ", ".join(f"`{rule}`" for rule in sorted(CASES.ALL - rules))
    return ", ".join(f"`{rule}`" for rule in sorted(rules))


def rows():
    """Return the rows that the tables of the document must have."""
    changed = {
        name: (", ".join(f"`{key}`" for key in keys(changes)), describe(rules))
        for name, (changes, rules) in CASES.CHANGES.items()
    }
    edited = {
        name: (f"`{path}`", describe(rules)) for name, (path, _, rules) in CASES.EDITS.items()
    }
    return [
        [f"| {name} | {where} | {rules} |" for name, (where, rules) in table.items()]
        for table in (changed, edited)
    ]


def tables(text):
    """Return the rows of the first two tables of the document."""
    found = re.findall(r"^\| test \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [table.splitlines() for table in found]


@pytest.mark.parametrize("number", [0, 1], ids=["config", "code"])
def test_document_says_what_is_tested(number):
    assert tables(DOC.read_text(encoding="utf-8"))[number] == rows()[number]


def test_document_has_enough_rows_and_names_tests_that_exist():
    text = DOC.read_text(encoding="utf-8")
    assert sum(map(len, rows())) >= 14
    defined = {
        node.name
        for node in ast.parse(TESTS.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) >= 5
    assert named <= defined


if __name__ == "__main__":
    document = DOC.read_text(encoding="utf-8")
    for old, new in zip(tables(document), rows(), strict=True):
        document = document.replace("\n".join(old), "\n".join(new))
    DOC.write_text(document, encoding="utf-8")
