"""A job logs where its rule says, fails in one sentence, and never falls back from a GPU."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(SCRIPTS)} | environment,
        capture_output=True,
        text=True,
    )


def test_failure_is_a_sentence_on_the_terminal_and_a_traceback_in_the_log(tmp_path):
    log = tmp_path / "logs" / "job.log"
    done = run(
        f"from moirespin import runtime; runtime.start({str(log)!r}); raise ValueError('too few')"
    )
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith("error: too few")
    assert "Traceback" not in done.stderr
    assert "Traceback" in log.read_text()


def test_missing_gpu_is_an_error(tmp_path):
    log = tmp_path / "job.log"
    code = f"from moirespin import runtime; runtime.start({str(log)!r}, threads=1)"
    done = run(code, JAX_PLATFORMS="cuda", CUDA_VISIBLE_DEVICES="")
    assert done.returncode != 0
    assert "JAX_PLATFORMS is cuda, but JAX finds no GPU" in done.stderr
    assert run(code, JAX_PLATFORMS="cpu").returncode == 0


def test_threads_limit_jax(tmp_path):
    code = (
        "import os; from moirespin import runtime;"
        f"runtime.start({str(tmp_path / 'job.log')!r}, threads=3); print(os.environ['NPROC'])"
    )
    assert run(code).stdout.strip() == "3"
