"""Fingerprint of the code behind a rule, so that an edit reruns what runs it and nothing else.

Snakemake sees a script's modification time but no module that it imports. The fingerprint hashes
the syntax trees, without docstrings, of a script and of every module of this package that it
imports at any depth: it changes with the code, not with comments, formatting or a touch.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
SCRIPTS = PACKAGE.parent


def fingerprint(rule: str) -> str:
    """Return the fingerprint of workflow/scripts/<rule>.py and all that it imports from us.

    Raises:
        FileNotFoundError: if the rule has no script.
    """
    digest = hashlib.sha256()
    for path in sorted(import_closure(SCRIPTS / f"{rule}.py")):
        digest.update(path.relative_to(SCRIPTS).as_posix().encode())
        digest.update(_read(path)[0].encode())
    return digest.hexdigest()[:16]


def import_closure(path: Path) -> set[Path]:
    """Return `path`, the modules of this package that it imports, theirs, and the styles used."""
    found, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(_read(current)[1])
    return found


@cache
def _read(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Return the code of a module without docstrings, and the modules that it imports."""
    if path.suffix != ".py":
        return path.read_text(), ()
    tree = ast.parse(path.read_text())
    imported = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported += [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.Import):
            imported += [name.name for name in node.names]
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            body[0].value.value = ""
    paths = [SCRIPTS / (name.replace(".", "/") + ".py") for name in imported]
    styles = [path.parent / "paper.mplstyle"] if path.name == "style.py" else []
    ours = [other for other in paths + styles if other.exists()]
    return ast.dump(tree), tuple(ours)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
