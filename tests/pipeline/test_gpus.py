"""GPUs are shared out among processes side by side, however each ends."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "workflow"
# Claims GPUs as `start` does, says which, and holds them until it is told to end.
CLAIM = """
import logging, os, sys
from moirespin.pipeline import gpus
try:
    gpus.use_gpus(int(sys.argv[1]), logging.getLogger())
    print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
except RuntimeError as error:
    print(error, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def claimant(tmp_path):
    """(count, **environment) -> process that wants GPUs on a computer where nothing is claimed."""
    processes = []

    def begin(count, **environment):
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SLURM_", "CUDA_", "JAX_"))
        }
        process = subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(count)],
            env=plain | {"PYTHONPATH": str(PACKAGES), "TMPDIR": str(tmp_path)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def answer(process):
    """What the process got; fails the test if it gets nothing."""
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready, "no GPU claimed in 30 s"
    return process.stdout.readline().strip()


def waits(process):
    return not select.select([process.stdout], [], [], 1.5)[0]


def test_processes_side_by_side_each_get_another_gpu(claimant):
    processes = [claimant(1, CUDA_VISIBLE_DEVICES="0,1,2,5") for _ in range(4)]
    assert sorted(map(answer, processes)) == ["0", "1", "2", "5"]


@pytest.mark.slow
def test_job_waits_until_a_gpu_is_free_again(claimant):
    holders = [claimant(1, CUDA_VISIBLE_DEVICES="0,1") for _ in range(2)]
    names = [answer(process) for process in holders]
    third = claimant(1, CUDA_VISIBLE_DEVICES="0,1")
    assert waits(third)
    # A killed process gives its GPU back, too.
    holders[1].kill()
    assert answer(third) == names[1]


@pytest.mark.slow
def test_two_jobs_of_two_gpus_do_not_block_each_other(claimant):
    processes = [claimant(2, CUDA_VISIBLE_DEVICES="0,1,2") for _ in range(2)]
    ready, _, _ = select.select([process.stdout for process in processes], [], [], 30)
    assert len(ready) == 1
    first = next(process for process in processes if process.stdout in ready)
    (second,) = set(processes) - {first}
    assert answer(first) == "0,1"
    assert waits(second)
    first.stdin.write("\n")
    first.stdin.close()
    assert answer(second) == "0,1"


def test_more_gpus_than_there_are_is_an_error(claimant):
    said = answer(claimant(3, CUDA_VISIBLE_DEVICES="0,1"))
    assert said == "the profile grants the job 3 GPUs, but there are 2"


def test_gpus_that_slurm_chose_stay(claimant):
    jobs = [claimant(1, CUDA_VISIBLE_DEVICES="0", SLURM_JOB_ID=number) for number in "78"]
    assert [answer(job) for job in jobs] == ["0", "0"]


def test_an_allocation_of_many_gpus_is_shared_out(claimant):
    def job(allocation):
        return claimant(1, CUDA_VISIBLE_DEVICES="0,1", SLURM_JOB_ID=allocation)

    assert answer(job("7")) == "0"
    assert answer(job("7")) == "1"
    # Another allocation on the same node may call its own GPUs 0 and 1, too.
    assert answer(job("8")) == "0"


def test_without_a_list_nvidia_smi_is_asked(claimant, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert sorted(answer(claimant(1, PATH=path)) for _ in range(2)) == ["0", "1"]


def test_job_kept_on_the_cpu_by_its_user_claims_nothing(claimant):
    environment = {"CUDA_VISIBLE_DEVICES": "0,1", "JAX_PLATFORMS": "cpu"}
    assert answer(claimant(1, **environment)) == "0,1"
