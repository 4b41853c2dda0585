"""The name of the run, as the Makefile asks for it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["", "config.yaml", "tests/config.yaml"], 0, "test\n"),
        (["mine", "config.yaml", "tests/config.yaml"], 0, "mine\n"),
        (["a b", "config.yaml"], 1, "config: run is 'a b', but must be text of 1 to 100 letters"),
        (["", "README.md"], 1, "README.md"),
    ],
)
def test_the_makefile_asks_for_the_name_of_the_run(arguments, code, said, request):
    command = [sys.executable, "-m", "moirespin.pipeline.run_name", *arguments]
    done = subprocess.run(
        command, cwd=request.config.rootpath, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith(said)
    assert len((done.stdout + done.stderr).splitlines()) == 1
