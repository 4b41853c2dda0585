"""A real one-node Slurm runs the workflow through profiles/slurm, and its accidents can be mended.

Skipped where a Slurm cannot be had; MOIRESPIN_TEST_SLURM=1 lets the tests install its packages.
"""

import os
import re
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import yaml

from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_DIAGRAM

pytestmark = pytest.mark.workflow

CLUSTER = Path(__file__).parents[1] / "slurm/cluster.sh"
CANNOT_BE_HAD = 3
LONGEST_CALL_S = 400
# One angle of two shards, small enough for jobs of seconds.
CONFIG = {
    "sweep": {"twist_indices": [6], "sets_per_angle": 4, "sets_per_shard": 2},
    "ground_state": {"structured": ["tilted"], "random_starts": 0},
}
SHARDS = [f"results/test/shards/m06/{chunk:03d}.nc" for chunk in range(2)]
TARGET = "results/test/phase_diagram.nc"
# Quick looks at small jobs on a local disk; the rest is the profile's.
QUICK = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"]
# Rules whose jobs show what the profile gives a job, and what it does about one that fails.
SMALL = """
rule all:
    input: "hungry", "seen"

rule hungry:
    output: "hungry"
    shell:
        "python -c 'import time; held = 900_000_000 * bytes([1]); time.sleep(4)' && touch {output}"

rule seen:
    output: "seen"
    shell: "echo ${{CUDA_VISIBLE_DEVICES:-none}} ${{SLURM_JOB_ID:-none}} > {output}; sleep 3"
"""


@pytest.fixture(scope="module")
def cluster():
    """A Slurm that takes jobs, for as long as the tests of this file last."""
    started = subprocess.run([CLUSTER, "start"], capture_output=True, text=True)
    if started.returncode == CANNOT_BE_HAD:
        pytest.skip(started.stderr.strip())
    try:
        assert started.returncode == 0, started.stderr
        yield
    finally:
        subprocess.run([CLUSTER, "stop"], check=True)


def start(folder, *arguments):
    """Start Snakemake in `folder` as on a login node."""
    variables = {"JAX_PLATFORMS": "cpu", "JAX_COMPILATION_CACHE_DIR": str(folder / ".jax_cache")}
    variables |= {"PYTHONPATH": str(folder / "workflow")}
    variables |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *arguments, *QUICK],
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    """Return exit status and output of Snakemake."""
    output, _ = process.communicate(timeout=LONGEST_CALL_S)
    return process.returncode, output


def jobs(folder, of):
    """Return what Slurm knows of the jobs of a rule in `folder`, in the order of submission."""
    listed = subprocess.run(
        ["scontrol", "--oneliner", "show", "job"], capture_output=True, text=True, check=True
    )
    found = [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in listed.stdout.splitlines()]
    mine = [
        job
        for job in found
        if job.get("WorkDir") == str(folder) and job["Comment"].startswith(f"rule_{of}")
    ]
    return sorted(mine, key=lambda job: int(job["JobId"]))


def wait_for(condition, seconds=LONGEST_CALL_S):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.3)
    return found


@pytest.fixture(scope="module")
def small(cluster, tmp_path_factory):
    """The small rules on their way while the shards run: (folder, Snakemake)."""
    folder = tmp_path_factory.mktemp("small")
    profile = Path(__file__).parents[2] / "profiles/slurm"
    (folder / "Snakefile").write_text(SMALL)
    # Slurm lets no job that may take longer pass one that waits for the GPU of the same node.
    asked = ["hungry:mem_mb=800 * attempt", "hungry:runtime=5 * attempt", "seen:gpu=1"]
    process = start(folder, "--workflow-profile", str(profile), "--set-resources", *asked)
    yield folder, process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(timeout=60)


@pytest.fixture(scope="module")
def shards(small, tmp_path_factory, copy):
    """A run whose first shard was cancelled midway, and its rerun: (folder, [(status, output)])."""
    folder = copy(tmp_path_factory.mktemp("slurm") / "project")
    (folder / "small.yaml").write_text(yaml.safe_dump(CONFIG))
    arguments = ["--workflow-profile", "profiles/slurm", TARGET]
    arguments += ["--configfile", "config.yaml", "tests/config.yaml", "small.yaml"]
    process = start(folder, *arguments, "--retries", "0")
    try:
        logs = folder / "results/test/logs/relax_shard/m06"
        # Slurm may take either shard first.
        chunk = wait_for(lambda: [log.stem for log in logs.glob("*.log")])[0]
        (first,) = [job for job in jobs(folder, "relax_shard") if chunk in job["Comment"]]
        subprocess.run(["scancel", first["JobId"]], check=True)
        cancelled = finish(process)
    finally:
        process.kill()
    return folder, [cancelled, finish(start(folder, *arguments))]


def test_shards_run_as_jobs_with_what_the_profile_asks_for(shards):
    folder, (_, (status, output)) = shards
    assert status == 0, output
    assert netcdf.read(PHASE_DIAGRAM, folder / TARGET).sizes["set"] == 4
    for job in jobs(folder, "relax_shard"):
        assert job["TresPerJob"] == "gres:gpu:1"
        assert (job["MinMemoryNode"], job["TimeLimit"]) == ("8000M", "01:00:00")
        if job["JobState"] == "COMPLETED":
            chunk = job["Comment"].rpartition("_")[2]
            rule = folder / f"results/test/benchmarks/relax_shard/m06/{chunk}.tsv"
            hours, minutes, seconds = map(int, job["RunTime"].split(":"))
            beside = 3600 * hours + 60 * minutes + seconds - pd.read_table(rule)["s"][0]
            print(f"shard {chunk}: {beside:.0f} s of the job besides the rule")
            assert beside > 0
    (gather,) = jobs(folder, "gather_shards")
    assert gather["JobState"] == "COMPLETED"
    assert "TresPerJob" not in gather
    assert (gather["MinMemoryNode"], gather["TimeLimit"]) == ("4000M", "00:30:00")


def test_cancelled_job_fails_alone_and_a_rerun_resumes(shards):
    folder, ((status, output), (_, rerun)) = shards
    assert status == 1
    assert "SLURM status is: 'CANCELLED'" in output
    *once, again = jobs(folder, "relax_shard")
    assert sorted(job["JobState"] for job in once) == ["CANCELLED", "COMPLETED"]
    (first,) = [job for job in once if job["JobState"] == "CANCELLED"]
    assert (again["JobState"], again["Comment"]) == ("COMPLETED", first["Comment"])
    assert re.search(r"^relax_shard +1$", rerun, re.MULTILINE), rerun


def test_jobs_on_the_one_gpu_wait_for_each_other(shards, small):
    folder, _ = shards
    on_gpu = jobs(folder, "relax_shard") + jobs(small[0], "seen")
    on_gpu.sort(key=lambda job: job["StartTime"])
    # Submitted together: without the GPU, four cores would have run them together.
    assert on_gpu[1]["SubmitTime"] < on_gpu[0]["EndTime"]
    for earlier, later in pairwise(on_gpu):
        assert earlier["EndTime"] <= later["StartTime"]


def test_failed_job_is_submitted_again_with_more_memory(small):
    folder, process = small
    status, output = finish(process)
    assert status == 0, output
    failed, repeated = jobs(folder, "hungry")
    assert (failed["JobState"], failed["MinMemoryNode"]) == ("FAILED", "800M")
    assert (repeated["JobState"], repeated["MinMemoryNode"]) == ("COMPLETED", "1600M")
    assert repeated["TimeLimit"] == "00:10:00"
    (seen,) = jobs(folder, "seen")
    assert (folder / "seen").read_text().split() == ["0", seen["JobId"]]
