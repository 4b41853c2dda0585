"""Fingerprints: an edit reruns what runs it and nothing else."""

import re
import shutil

import pytest

from moirespin import provenance

WORKFLOW = provenance.SCRIPTS.parent
RULES = sorted(path.stem for path in provenance.SCRIPTS.glob("*.py"))


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the scripts and the package that may be edited."""
    scripts = tmp_path / "scripts"
    shutil.copytree(
        provenance.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    monkeypatch.setattr(provenance, "SCRIPTS", scripts)
    monkeypatch.setattr(provenance, "PACKAGE", scripts / "moirespin")
    provenance._read.cache_clear()
    yield scripts
    provenance._read.cache_clear()


def fingerprints():
    provenance._read.cache_clear()
    return {rule: provenance.fingerprint(rule) for rule in RULES}


def changed_by(path, edit):
    """Return the rules whose fingerprint changes when `edit` is made to the text of `path`."""
    before, text = fingerprints(), path.read_text()
    edited = edit(text)
    assert edited != text
    path.write_text(edited)
    after = fingerprints()
    path.write_text(text)
    return {rule for rule in RULES if before[rule] != after[rule]}


def importers(scripts, module):
    """Return the rules that import a module at any depth, by reading import lines only."""
    pattern = re.compile(r"^\s*from moirespin(\.[\w.]+)? import ([\w, ]+|\((?:[^)]*)\))", re.M)
    names = {
        path.relative_to(scripts).with_suffix("").as_posix().replace("/", "."): path
        for path in scripts.rglob("*.py")
    }

    def direct(path):
        for tail, imported in pattern.findall(path.read_text()):
            base = "moirespin" + tail
            for name in (base, *(f"{base}.{n}" for n in re.findall(r"\w+", imported))):
                if name in names:
                    yield name

    def reach(name, seen):
        for other in direct(names[name]):
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen

    return {rule for rule in RULES if f"moirespin.{module}" in reach(rule, set())}


@pytest.mark.parametrize("module", ["relax", "lattice", "analysis", "imaging", "figures.fig05"])
def test_a_code_edit_reruns_exactly_the_importers(copy, module):
    path = copy / "moirespin" / (module.replace(".", "/") + ".py")
    changed = changed_by(path, lambda text: text + "\nEXTRA = 1\n")
    assert changed == importers(copy, module)
    assert 0 < len(changed) < len(RULES)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: "# A comment.\n" + text,
        lambda text: text.replace('"""', '"""Other words. ', 1),
        lambda text: re.sub(r'(def \w+\([^)]*\)[^:]*:\n    )"""', r'\1"""Changed. ', text, count=1),
        lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
    ],
    ids=["comment", "module docstring", "function docstring", "blank lines"],
)
def test_words_and_layout_rerun_nothing(copy, edit):
    assert changed_by(copy / "moirespin" / "relax.py", edit) == set()


def test_a_script_reruns_itself_only(copy):
    changed = changed_by(copy / "relax_shard.py", lambda text: text + "\nEXTRA = 1\n")
    assert changed == {"relax_shard"}


def test_a_style_edit_redraws_the_figures_only(copy):
    style = copy / "moirespin" / "figures" / "paper.mplstyle"
    changed = changed_by(style, lambda text: text + "\nlines.linewidth: 3\n")
    assert {rule for rule in RULES if rule.startswith("plot_")} == changed


def test_simulation_does_not_run_again_for_learning_or_drawing(copy):
    for module in ("training", "analysis", "tables", "figures/style"):
        changed = changed_by(copy / "moirespin" / f"{module}.py", lambda text: text + "\nX = 1\n")
        assert changed
        assert not changed & {"relax_shard", "trace_lines", "gather_shards", "build_dataset"}


def test_every_rule_with_a_fingerprint_has_its_script():
    named = set()
    for path in WORKFLOW.glob("rules/*.smk"):
        text = path.read_text()
        rules = re.findall(r"^rule (\w+):", text, re.M)
        scripts = re.findall(r'"\.\./scripts/(\w+)\.py"', text)
        prints = re.findall(r'fingerprint\("(\w+)"\)', text)
        assert rules == scripts == prints
        named.update(rules)
    assert named == set(RULES)
    assert len(set(fingerprints().values())) == len(RULES)


def test_a_rule_without_a_script_is_an_error():
    with pytest.raises(FileNotFoundError):
        provenance.fingerprint("no_such_rule")


def test_no_relative_or_dynamic_imports_hide_from_the_fingerprint():
    for path in provenance.SCRIPTS.rglob("*.py"):
        text = path.read_text()
        assert not re.search(r"^\s*from \.", text, re.M), path
        assert not re.search(r"__import__|importlib(?!\.metadata)", text), path
