"""Fingerprints: an edit that can change a number reruns what runs it, and no other edit does."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from moirespin.analysis.registry import ANALYSES
from moirespin.figures.registry import FIGURES
from moirespin.pipeline import fingerprint

# Scripts that import what a registry names: the rules carry the fingerprint of that module.
BY_REGISTRY = {"draw_figure", "analyse"}
RULES = sorted({path.stem for path in fingerprint.SCRIPTS.glob("*.py")} - BY_REGISTRY)
RULES += [f"figures/{figure.module}" for figure in FIGURES]
RULES += sorted({f"analysis/{analysis.module}" for analysis in ANALYSES})
PYTHONS = ("python3.11", "python3.12", "python3.13")


@cache
def schemas_written():
    """Return when a schema was last written; known until `fingerprints` is called again."""
    schemas = (fingerprint.PACKAGE / "io" / "schemas").glob("*.py")
    return max(file.stat().st_mtime_ns for file in schemas)


def until_written(read):
    """Return `read` (of a path), which keeps its answer until the file or a schema is written."""
    kept = {}

    def read_or_recall(path):
        status = path.stat()
        key = path, status.st_mtime_ns, status.st_size, schemas_written()
        if key not in kept:
            kept[key] = read(path)
        return kept[key]

    return read_or_recall


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where every copy of the package lies, and how its files are read."""
    reads = [fingerprint._read.__wrapped__, fingerprint._schema_formats.__wrapped__]
    return tmp_path_factory.mktemp("copy"), *map(until_written, reads)


@pytest.fixture
def copy(place, monkeypatch):
    """A copy of the package, with the scripts beside it, that may be edited."""
    folder, read, schema_formats = place
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    package, scripts = folder / "moirespin", folder / "scripts"
    shutil.copytree(fingerprint.PACKAGE, package, ignore=ignore)
    shutil.copytree(fingerprint.SCRIPTS, scripts, ignore=ignore)
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    monkeypatch.setattr(fingerprint, "SCRIPTS", scripts)
    monkeypatch.setattr(fingerprint, "_read", read)
    monkeypatch.setattr(fingerprint, "_schema_formats", schema_formats)
    yield package
    shutil.rmtree(package)
    shutil.rmtree(scripts)


def fingerprints():
    schemas_written.cache_clear()
    return {rule: fingerprint.fingerprint(rule) for rule in RULES}


def changed_by(path, edit):
    """Return the rules whose fingerprint changes when `edit` is made to the text of `path`."""
    before, text = fingerprints(), path.read_text()
    edited = edit(text)
    assert edited != text
    path.write_text(edited)
    after = fingerprints()
    path.write_text(text)
    return {rule for rule in RULES if before[rule] != after[rule]}


def add_constant(text):
    return text + "\nEXTRA = 1\n"


def importers(package, module):
    """Return the rules that import a module at any depth, by reading import lines only."""
    pattern = re.compile(r"^\s*from (moirespin[\w.]*) import ([\w, ]+|\((?:[^)]*)\))", re.M)
    names = {
        path.relative_to(package.parent).with_suffix("").as_posix().replace("/", "."): path
        for path in [*package.rglob("*.py"), *(package.parent / "scripts").glob("*.py")]
        if path.parent.name not in ("pipeline", "io", "schemas")
    }

    def direct(path):
        for base, imported in pattern.findall(path.read_text()):
            yield from (
                name
                for name in (base, *(f"{base}.{n}" for n in re.findall(r"\w+", imported)))
                if name in names
            )

    def reach(name, seen):
        for other in direct(names[name]):
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen

    def reaches(rule):
        place = f"moirespin.{rule.replace('/', '.')}" if "/" in rule else f"scripts.{rule}"
        return f"moirespin.{module}" in {place} | reach(place, set())

    return {rule for rule in RULES if reaches(rule)}


@pytest.mark.parametrize(
    "module", ["solver.relaxation", "physics.lattice", "images.raster", "analysis.scores"]
)
def test_a_code_edit_reruns_exactly_the_importers(copy, module):
    path = copy / (module.replace(".", "/") + ".py")
    changed = changed_by(path, add_constant)
    assert changed == importers(copy, module)
    assert 0 < len(changed) < len(RULES)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: "# A comment.\n" + text,
        lambda text: text.replace('"""', '"""Other words. ', 1),
        lambda text: re.sub(r'(def \w+\([^)]*\)[^:]*:\n    )"""', r'\1"""Changed. ', text, count=1),
        lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
        lambda text: text.replace("logger.info(", 'logger.info("Now: ", ', 1),
        lambda text: text.replace("-> float", "-> int").replace("-> Iterator", "-> object"),
    ],
    ids=["comment", "module docstring", "function docstring", "blank lines", "log", "annotation"],
)
def test_words_layout_and_logs_rerun_nothing(copy, edit):
    assert changed_by(copy / "solver" / "batch.py", edit) == set()


def test_the_text_of_an_error_reruns_nothing(copy):
    path = copy / "physics" / "lattice.py"
    assert changed_by(path, lambda text: text.replace("must exceed", "has to exceed")) == set()
    assert changed_by(path, lambda text: text.replace("if m < 2", "if m < 1"))


@pytest.mark.parametrize("name", ["io/checksum", "io/netcdf", "pipeline/jobs", "cli/state"])
def test_file_access_jobs_and_command_line_rerun_nothing(copy, name):
    assert changed_by(copy / f"{name}.py", add_constant) == set()


def test_a_format_number_reruns_what_names_the_schema(copy):
    path = copy / "io" / "schemas" / "scores.py"

    def raise_format(text):
        head, tail = text.split("SNR_SCORES = Schema(", 1)
        return head + "SNR_SCORES = Schema(" + tail.replace("format=2", "format=3", 1)

    changed = changed_by(path, raise_format)
    assert "sweep_snr" in changed
    assert not changed & {"relax_shard", "train_regressor", "analysis/scores", "figures/fig05"}
    assert changed_by(path, add_constant) == set()


def test_moving_a_module_reruns_nothing(copy):
    before = fingerprints()
    moved = copy / "moved"
    moved.mkdir()
    (copy / "solver" / "batch.py").rename(moved / "batch.py")
    for path in [*copy.rglob("*.py"), *(copy.parent / "scripts").glob("*.py")]:
        path.write_text(path.read_text().replace("moirespin.solver.batch", "moirespin.moved.batch"))
    assert fingerprints() == before
    path = moved / "batch.py"
    assert changed_by(path, add_constant)


def test_a_script_reruns_itself_only(copy):
    changed = changed_by(copy.parent / "scripts" / "relax_shard.py", add_constant)
    assert changed == {"relax_shard"}


def test_a_style_edit_redraws_the_figures_only(copy):
    style = copy / "figures" / "paper.mplstyle"
    changed = changed_by(style, lambda text: text + "\nlines.linewidth: 3\n")
    assert changed
    # What is read of an image is drawn by the job that reads it; the explorer has the same colours.
    others = {"measure_image", "write_explorer"}
    assert all(rule.startswith("figures/") for rule in changed - others)


def test_simulation_does_not_run_again_for_learning_or_drawing(copy):
    for module in ("learning/training", "analysis/scores", "figures/style"):
        changed = changed_by(copy / f"{module}.py", add_constant)
        assert changed
        assert not changed & {"relax_shard", "trace_lines", "gather_shards", "build_dataset"}


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_every_version_of_python_finds_the_same(python):
    installed = sorted(Path.home().glob(f".pyenv/versions/*/bin/{python}"))
    program = installed[-1] if installed else shutil.which(python)
    code = "from moirespin.pipeline.fingerprint import fingerprint as f; import sys;"
    code += "print(sys.version_info[:2], *(f(name) for name in sys.argv[1:]))"
    environment = {"PYTHONPATH": str(fingerprint.PACKAGE.parent), "PATH": "/usr/bin:/bin"}
    done = program and subprocess.run(
        [program, "-c", code, *RULES], capture_output=True, text=True, env=environment
    )
    if not done or done.returncode:
        pytest.skip(f"{python} is not installed")
    assert done.stdout.split(")")[1].split() == [fingerprint.fingerprint(rule) for rule in RULES]


def test_every_rule_has_a_fingerprint_of_its_own():
    assert len(set(fingerprints().values())) == len(RULES)


def test_an_entry_without_a_file_is_an_error():
    with pytest.raises(FileNotFoundError, match="no_such_rule"):
        fingerprint.fingerprint("no_such_rule")


def test_no_relative_or_dynamic_imports_hide_from_the_fingerprint():
    folders = (fingerprint.SCRIPTS, fingerprint.PACKAGE)
    for path in (path for folder in folders for path in Path(folder).rglob("*.py")):
        text = path.read_text()
        assert not re.search(r"^\s*from \.", text, re.M), path
        dynamic = re.search(r"__import__|importlib(?!\.metadata)", text)
        # The names for users lie in the package's own, which no rule imports.
        users = path == fingerprint.PACKAGE / "__init__.py"
        assert not dynamic or path.stem in BY_REGISTRY or users, path
