"""Snakemake's command line in forks of a process that has imported it, for many short calls.

A fork is as fresh as a new process: folder, variables and the paths of modules are those of the
run, and nothing of this project has been imported. Importing Snakemake and the libraries takes
longer than planning the tiny run.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

WARM = multiprocessing.get_context("forkserver")
# Snakemake, and what it and the Snakefile import later.
LATER = ["snakemake.report.html_reporter", "smart_open", "jsonschema", "nbformat"]
WARM.set_forkserver_preload(["snakemake.cli", *LATER])
LONGEST_CALL_S = 900


def run(folder: Path, arguments: Sequence[str], variables: dict[str, str]) -> tuple[int, str]:
    """Return exit status and output of `python -m snakemake` in `folder`, both streams in one."""
    with tempfile.NamedTemporaryFile() as output:
        process = WARM.Process(target=_main, args=(folder, arguments, variables, output.name))
        process.start()
        process.join(LONGEST_CALL_S)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"snakemake {' '.join(arguments)}: over {LONGEST_CALL_S} s")
        return process.exitcode, output.read().decode()


def _main(folder: Path, arguments: Sequence[str], variables: dict[str, str], output: str) -> None:
    with open(output, "wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(variables)
    time.tzset()
    os.chdir(folder)
    installed = tuple({sys.prefix, sys.base_prefix})
    given = variables.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [str(folder), *given, *(path for path in sys.path if path.startswith(installed))]
    from snakemake import cli

    sys.argv = [str(Path(cli.__file__).with_name("__main__.py")), *arguments]
    cli.main(list(arguments))
