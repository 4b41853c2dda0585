"""Nothing in the repository runs text from a config or a file as code."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
MODULES = sorted((PROJECT / "workflow").rglob("*.py"))
MODULES += sorted((PROJECT / "benchmarks").glob("*.py"))
RULE_FILES = [PROJECT / "Snakefile", *sorted((PROJECT / "workflow/rules").glob("*.smk"))]

CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "read_pickle", "import_module"}
IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "ctypes"}
# Loaders of YAML that can build any object.
YAML_LOADERS = {"load", "load_all", "full_load", "unsafe_load", "FullLoader", "UnsafeLoader"}


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
            yield from (
                keyword.arg
                for keyword in node.keywords
                if keyword.arg in ("shell", "allow_pickle")
                and getattr(keyword.value, "value", None) is not False
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_module_runs_text_as_code(path):
    assert list(dangers(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "exec(open(path).read())",
        "import pickle",
        "from joblib import load",
        "import os\nos.system(text)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "subprocess.run(text, shell=True)",
        "pd.read_pickle(path)",
        "yaml.load(text, Loader=yaml.UnsafeLoader)",
        "frame.eval(text)",
        "compile(text, path, 'exec')",
        "import_module(name)",
        "import_module(f'{name}.moirespin.')",
    ],
)
def test_what_is_forbidden_is_found(source):
    assert list(dangers(source))


def test_what_is_allowed_is_not_found():
    allowed = "import_module(f'moirespin.figures.{name}')\n"
    allowed += "re.compile(text)\nnnx.eval_shape(f)\nnp.load(path, allow_pickle=False)"
    assert list(dangers(allowed + "\nyaml.safe_load(text)")) == []


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_no_rule_runs_a_shell_command_or_code_of_its_own(path):
    text = path.read_text()
    # A script gets its values as Python objects; a shell command would get them as text.
    assert not re.search(r"^\s*(shell|run|notebook|wrapper|cwl)\s*:", text, re.MULTILINE)
    assert not re.search(r"\b(shell|eval|exec|system|popen|pickle)\s*\(", text)
