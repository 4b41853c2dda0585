"""Fingerprint of the science behind a rule: an edit that can change a number runs it again.

Snakemake sees a script's modification time, but no module that it imports. The fingerprint hashes
the code of the entry (a script, or the module of a figure), of all science modules that it imports
at any depth, and the style, the captions and the parts of a page that these use. What can change no
number is left out: file access, the job runner and the command line; docstrings, comments and
formatting; log calls and the texts of errors; the paths of modules. The code is hashed in a form of
our own, because that of `ast.dump` differs between versions of Python.

What a file means is the one thing that `io` may change: a schema has a `format` number, which is
raised by hand and is part of the fingerprint of every entry that names the schema.

Imports the standard library only: the Snakefile imports this module in every job.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SCRIPTS = PACKAGE.parent / "scripts"
# Folders and modules of the package whose code can change no number.
APART = ("io", "pipeline", "cli", "figures/registry.py", "analysis/registry.py")
# Folders beside the package whose files are a module's own, by the module's name.
TEXTS = {"captions.py": "report", "explorer.py": "explorer"}
# Fields of a syntax tree that hold statements, or what holds them.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# Fields of a syntax tree that differ between versions of Python or say nothing about the code.
UNUSED_FIELDS = (
    *("ctx", "kind", "type_comment", "type_ignores", "type_params"),
    *("annotation", "returns"),
)


def fingerprint(entry: str) -> str:
    """Return the fingerprint of an entry.

    Args:
        entry: name of a script in `workflow/scripts`, such as `relax_shards`, or path of a module
            in the package, such as `figures/fig03`.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    digests = {_read(path)[0] for path in science_closure(locate(entry))}
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()[:16]


def locate(entry: str) -> Path:
    """Return the file of an entry.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    path = (PACKAGE if "/" in entry else SCRIPTS) / f"{entry}.py"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: a rule must have a script or a module of this name")
    return path


def science_closure(path: Path) -> set[Path]:
    """Return `path`, the science modules that it imports, theirs, and the styles used."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(_read(current)[1])
    return found


@cache
def _read(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Return the digest of a file's code, and the science modules that the file imports."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return hashlib.sha256(text.encode()).hexdigest(), ()
    tree = ast.parse(text)
    names = list(_imported_names(tree))
    paths = [PACKAGE.parent / (name.replace(".", "/") + ".py") for name in names]
    paths += [path.parent / "paper.mplstyle"] if path.name == "style.py" else []
    texts = TEXTS.get(path.name)
    paths += sorted((path.parents[2] / texts).glob("*")) if texts else []
    tokens: list[str] = []
    _write_tokens(tree, tokens.append)
    code = "".join(tokens) + "".join(_formats(names))
    ours = tuple(other for other in paths if other.is_file() and not _is_apart(other))
    return hashlib.sha256(code.encode()).hexdigest(), ours


def _imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module imports from this package."""
    for node in _statements(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module or ""):
            yield str(node.module)
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if _is_ours(name.name))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements below a node, without the expressions in them: most of a tree."""
    for name in BLOCKS:
        block = getattr(node, name, None)
        for statement in block if isinstance(block, list) else ():
            yield statement
            yield from _statements(statement)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name


def _is_apart(path: Path) -> bool:
    if not path.is_relative_to(PACKAGE):
        return False
    within = path.relative_to(PACKAGE).as_posix()
    return any(within == name or within.startswith(f"{name}/") for name in APART)


def _formats(names: list[str]) -> Iterator[str]:
    """Yield name and format number of the file schemas among imported names."""
    prefix = f"{PACKAGE.name}.io.schemas."
    for name in sorted(set(names)):
        module, _, variable = name.removeprefix(prefix).partition(".")
        if name.startswith(prefix) and variable:
            number = _schema_formats(PACKAGE / "io" / "schemas" / f"{module}.py").get(variable)
            if number is not None:
                yield f" {variable} {number}"


@cache
def _schema_formats(path: Path) -> dict[str, int]:
    """Return the format number of each schema of a module."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            values = {word.arg: word.value for word in node.value.keywords}
            if "format" in values:
                found[ast.unparse(node.targets[0])] = ast.literal_eval(values["format"])
    return found


def _write_tokens(node: object, write: Callable[[str], None]) -> None:
    """Write the code of a syntax tree as short texts, without what can change no number."""
    if isinstance(node, list):
        write("[")
        for item in node:
            if not _says_nothing(item):
                _write_tokens(item, write)
        write("]")
    elif isinstance(node, ast.Raise):
        write(" raise")
    elif isinstance(node, ast.AST):
        write(f" {type(node).__name__}(")
        for name in node._fields:
            value = getattr(node, name, None)
            if name not in UNUSED_FIELDS and value is not None and value != []:
                write(f" {name}=")
                _write_tokens(value, write)
        write(")")
    else:
        write(repr(node))


def _says_nothing(node: object) -> bool:
    """Return whether a statement is text, a log call or an import from this package."""
    if isinstance(node, ast.ImportFrom):
        return _is_ours(node.module or "")
    if isinstance(node, ast.Import):
        return all(_is_ours(name.name) for name in node.names)
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func).startswith("logger.")
    return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
