"""Nothing runs text from a config or a file as code, or reads it by the user's locale."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
MODULES = sorted((PROJECT / "workflow").rglob("*.py"))
MODULES += sorted((PROJECT / "benchmarks").glob("*.py"))
RULE_FILES = [PROJECT / "Snakefile", *sorted((PROJECT / "workflow/rules").glob("*.smk"))]

# What the rules S of ruff do not know.
CALLS = {"eval", "compile", "__import__", "import_module"}
IMPORTS = {"cloudpickle", "joblib", "marshal", "ctypes"}
# Loaders of YAML that can build any object.
YAML_LOADERS = {"load_all", "full_load", "unsafe_load", "FullLoader", "UnsafeLoader"}


def names_ours(call):
    """Return whether a call's first argument is a text that begins with a package of our own."""
    first = call.args[0] if call.args else None
    start = first.values[0] if isinstance(first, ast.JoinedStr) else first
    return str(getattr(start, "value", "")).startswith("moirespin.")


def dangers(source):
    """Yield what is forbidden in a Python source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from IMPORTS & {part for name in names for part in name.split(".")}
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "yaml":
            yield from YAML_LOADERS & {node.attr}
        if isinstance(node, ast.Call):
            bare = getattr(node.func, "id", None)
            # re.compile compiles no code.
            called = {bare} if bare else {getattr(node.func, "attr", "")} - {"compile"}
            yield from CALLS & called - ({"import_module"} if names_ours(node) else set())
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            if getattr(named.get("allow_pickle"), "value", None) is not False:
                yield from {"allow_pickle"} & named.keys()
            # In another locale the same file would read otherwise.
            if called & {"read_text", "write_text"} and "encoding" not in named:
                yield "text without an encoding"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_module_runs_text_as_code_or_reads_it_by_the_locale(path):
    assert list(dangers(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "from joblib import load",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "yaml.load(text, Loader=yaml.UnsafeLoader)",
        "yaml.full_load(text)",
        "frame.eval(text)",
        "compile(text, path, 'exec')",
        "import_module(name)",
        "import_module(f'{name}.moirespin.')",
        "path.read_text()",
        "Path(name).write_text(text)",
    ],
)
def test_what_is_forbidden_is_found(source):
    assert list(dangers(source))


def test_what_is_allowed_is_not_found():
    allowed = "re.compile(text)\nnnx.eval_shape(f)\nnp.load(path, allow_pickle=False)"
    allowed += "\nyaml.safe_load(text)\npath.read_text(encoding='utf-8')"
    allowed += "\nimport_module(f'moirespin.figures.{name}')"
    assert list(dangers(allowed)) == []


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_no_rule_runs_a_shell_command_or_code_of_its_own(path):
    text = path.read_text(encoding="utf-8")
    # A script gets its values as Python objects; a shell command would get them as text.
    assert not re.search(r"^\s*(shell|run|notebook|wrapper|cwl)\s*:", text, re.MULTILINE)
    assert not re.search(r"\b(shell|eval|exec|system|popen|pickle)\s*\(", text)
