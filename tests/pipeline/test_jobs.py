"""A job logs where its rule says, fails in one sentence, and has its GPU to itself or fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "workflow"


# What a script sees of its job.
JOB = """
import os
from types import SimpleNamespace
from moirespin.pipeline import jobs
def job(log, threads=1, **resources):
    scripts = os.path.join(os.environ["PYTHONPATH"], "scripts")
    return SimpleNamespace(log=[log], threads=threads, resources=resources, scriptdir=scripts)
"""


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(PACKAGES)} | environment,
        capture_output=True,
        text=True,
    )


def test_failure_is_a_sentence_on_the_terminal_and_a_traceback_in_the_log(tmp_path):
    log = tmp_path / "logs" / "job.log"
    done = run(f"{JOB}jobs.start(job({str(log)!r})); raise ValueError('too few')")
    assert done.returncode != 0
    assert done.stderr.rstrip().endswith("error: too few")
    assert "Traceback" not in done.stderr
    assert "Traceback" in log.read_text()


@pytest.mark.slow
def test_missing_gpu_is_an_error(tmp_path):
    log = tmp_path / "job.log"
    code = f"{JOB}jobs.start_learning(job({str(log)!r}))"
    done = run(code, JAX_PLATFORMS="cuda", CUDA_VISIBLE_DEVICES="")
    assert done.returncode != 0
    assert "JAX_PLATFORMS is cuda, but JAX finds no GPU" in done.stderr
    assert run(code, JAX_PLATFORMS="cpu").returncode == 0


def test_threads_limit_jax(tmp_path):
    code = (
        f"{JOB}import os; jobs.start_learning(job({str(tmp_path / 'job.log')!r}, 3));"
        "print(os.environ['NPROC'])"
    )
    assert run(code).stdout.strip() == "3"


@pytest.mark.slow
def test_settings_of_the_shell_do_not_change_random_numbers(tmp_path):
    code = (
        f"{JOB}jobs.start_learning(job({str(tmp_path / 'job.log')!r}));"
        "import jax; print(jax.random.normal(jax.random.key(1), (3,)), jax.numpy.ones(1).dtype)"
    )
    shell = {"JAX_THREEFRY_PARTITIONABLE": "0", "JAX_DEFAULT_PRNG_IMPL": "rbg"}
    shell |= {"JAX_RANDOM_SEED_OFFSET": "7", "JAX_NUMPY_RANK_PROMOTION": "raise"}
    shell |= {"JAX_DEFAULT_MATMUL_PRECISION": "bfloat16", "JAX_DISABLE_JIT": "1"}
    plain = run(code, JAX_PLATFORMS="cpu")
    assert plain.returncode == 0, plain.stderr
    assert run(code, JAX_PLATFORMS="cpu", JAX_ENABLE_X64="1", **shell).stdout == plain.stdout


def test_another_checkouts_package_is_refused(tmp_path):
    (tmp_path / "workflow" / "moirespin").mkdir(parents=True)
    (tmp_path / "workflow" / "scripts").mkdir()
    code = (
        f"{JOB}one = job({str(tmp_path / 'job.log')!r})\n"
        f"one.scriptdir = {str(tmp_path / 'workflow/scripts')!r}\njobs.start(one)"
    )
    done = run(code)
    assert done.returncode != 0
    said = f"error: the job runs the package in {PACKAGES}/moirespin, not its own in {tmp_path}"
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_error_that_quotes_a_file_stays_a_sentence(tmp_path):
    code = f"{JOB}jobs.start(job({str(tmp_path / 'job.log')!r})); raise ValueError('9' * 3_000_000)"
    assert len(run(code).stderr) < 1100


def compile_cache(tmp_path, **environment):
    code = (
        f"{JOB}jobs.start_simulation(job({str(tmp_path / 'job.log')!r}, 2));"
        "import jax; print(jax.device_count(), jax.config.jax_compilation_cache_dir)"
    )
    environment = {"JAX_PLATFORMS": "cpu", "TMPDIR": str(tmp_path)} | environment
    done = run(code, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_compiled_code_is_kept_in_a_folder_of_the_users_own(tmp_path):
    folder = tmp_path / f"moirespin-{os.getuid()}"
    assert compile_cache(tmp_path) == ["2", str(folder)]
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert compile_cache(tmp_path)[1] == "None"


def test_compile_cache_of_the_user_is_respected(tmp_path):
    chosen = str(tmp_path / "chosen")
    assert compile_cache(tmp_path, JAX_COMPILATION_CACHE_DIR=chosen)[1] == chosen


def test_granted_gpu_that_is_missing_is_an_error(tmp_path):
    log = tmp_path / "job.log"
    code = f"{JOB}jobs.start_learning(job({str(log)!r}, gpu=1))"
    environment = {name: value for name, value in os.environ.items() if name != "JAX_PLATFORMS"}
    environment |= {"PYTHONPATH": str(PACKAGES), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "JAX_PLATFORMS is cuda, but JAX finds no GPU" in done.stderr
