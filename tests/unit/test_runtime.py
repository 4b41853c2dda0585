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


def compile_cache(tmp_path, **environment):
    code = (
        "import os; from moirespin import runtime;"
        f"runtime.start_simulation({str(tmp_path / 'job.log')!r}, 2);"
        "print(os.environ.get('JAX_COMPILATION_CACHE_DIR'));"
        "import jax; print(jax.device_count(), jax.config.jax_compilation_cache_dir)"
    )
    environment = {"JAX_PLATFORMS": "cpu", "TMPDIR": str(tmp_path)} | environment
    done = run(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_compiled_code_is_kept_in_a_folder_of_the_users_own(tmp_path):
    folder = tmp_path / f"moirespin-{os.getuid()}"
    assert compile_cache(tmp_path) == [str(folder), "2", str(folder)]
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert compile_cache(tmp_path)[0] == "None"


def test_compile_cache_of_the_user_is_respected(tmp_path):
    chosen = str(tmp_path / "chosen")
    assert compile_cache(tmp_path, JAX_COMPILATION_CACHE_DIR=chosen)[0] == chosen
