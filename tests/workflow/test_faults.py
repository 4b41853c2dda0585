"""Faults of machines and people: one sentence, nothing lost, and one command that mends it.

docs/faults.md lists them. Faults are put in from outside or by code appended to a copy of the
workflow, so that the workflow itself holds no switch for them.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.states import PHASE_DIAGRAM

pytestmark = pytest.mark.workflow

MODULES = "workflow/moirespin"
LONGEST_WAIT_S = 120
CONFIGS = ("config.yaml", "tests/config.yaml")
# Mounts in a namespace of its own: they end with the command and need no administrator.
NAMESPACE = ("unshare", "--mount", "--map-root-user")

WAIT_WHILE_DRAWING = """
_draw_images = draw_images
def draw_images(*arguments, **settings):
    import time
    for images in _draw_images(*arguments, **settings):
        yield images
        time.sleep(3600)
"""
WAIT_AFTER_THE_THIRD_EPOCH = """
SECONDS_BETWEEN_CHECKPOINTS = -1.0
STORING_SHARE = 1e9
_store_progress = _store
def _store(progress, path, task):
    _store_progress(progress, path, task)
    if len(progress.history) == 3:
        path.with_name("third").touch()
        time.sleep(3600)
"""
NAN_IN_EVERY_FOURTH_SET = """
_find = find_ground_states
def find_ground_states(bilayer, couplings, parameters_mev, **others):
    spoilt = parameters_mev.copy()
    spoilt[::4, 0] = np.nan
    return _find(bilayer, couplings, spoilt, **others)
"""


def append(folder, module, code):
    with (folder / MODULES / module).open("a") as file:
        file.write(code)


def wait_for(found, process):
    """Wait until `found()` is true while `process` runs."""
    end = time.monotonic() + LONGEST_WAIT_S
    while not found():
        assert process.poll() is None, "Snakemake ended before the fault"
        assert time.monotonic() < end
        time.sleep(0.02)


def kill(process):
    """Kill a Snakemake with its jobs, and wait until all of them have ended."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + LONGEST_WAIT_S
    with suppress(ProcessLookupError):
        while time.monotonic() < end:
            os.killpg(process.pid, 0)
            time.sleep(0.02)


def unlock_and_run(snakemake, folder, target):
    assert snakemake(folder, "--unlock").returncode == 0
    answer = snakemake(folder, target)
    assert answer.returncode == 0, answer.stdout
    return answer


def sentence(answer):
    """Return the one sentence of a call that fails."""
    assert answer.returncode == 1, answer.stdout
    assert "Traceback" not in answer.stdout
    (line,) = [line for line in answer.stdout.splitlines() if "error: " in line]
    return line.partition("error: ")[2]


def test_kill_while_the_dataset_is_written(finished, rerun, snakemake, start_snakemake):
    target = "results/test/dataset.nc"
    module = rerun / MODULES / "images/image_set.py"
    code = module.read_text()
    append(rerun, "images/image_set.py", WAIT_WHILE_DRAWING)
    (rerun / target).unlink()
    process = start_snakemake(rerun, target)
    try:
        wait_for(lambda: list(rerun.glob("results/test/.dataset.nc.*")), process)
        # Another Snakemake in the same folder refuses, and says why.
        second = snakemake(rerun, target)
        assert second.returncode == 1
        assert "Directory cannot be locked" in second.stdout
        assert "--unlock" in second.stdout
    finally:
        kill(process)
    assert not (rerun / target).exists()
    # A dataset says which code made it.
    module.write_text(code)
    unlock_and_run(snakemake, rerun, target)
    assert (rerun / target).read_bytes() == (finished / target).read_bytes()
    assert list(rerun.glob("results/test/.dataset.nc.*")) == []


def test_kill_while_a_network_is_trained(finished, rerun, snakemake, start_snakemake):
    target = "results/test/models/exchange.safetensors"
    checkpoint = (rerun / target).with_suffix(".checkpoint")
    append(rerun, "learning/training.py", WAIT_AFTER_THE_THIRD_EPOCH)
    process = start_snakemake(rerun, target)
    try:
        wait_for(checkpoint.with_name("third").exists, process)
    finally:
        kill(process)
    assert not (rerun / target).exists()
    # Would wait again if it did not go on after the third epoch.
    answer = unlock_and_run(snakemake, rerun, target)
    assert "going on after epoch 3" in answer.stdout
    assert not checkpoint.exists()
    weights, same = load_file(rerun / target), load_file(finished / target)
    assert weights.keys() == same.keys()
    for name, values in weights.items():
        np.testing.assert_array_equal(values, same[name], err_msg=name)


def test_flipped_bit_is_mended_by_the_command_that_is_said(finished, rerun, snakemake):
    shard, target = "results/test/shards/m10/001.nc", "results/test/dataset.nc"
    content = bytearray((rerun / shard).read_bytes())
    content[4015] ^= 8  # HDF5 itself reads other values here, in silence
    (rerun / shard).write_bytes(content)
    (rerun / target).unlink()
    said = sentence(snakemake(rerun, target))
    command = said.rpartition("repair it with: ")[2]
    same_run = "snakemake --configfile config.yaml tests/config.yaml"
    assert command == f"rm -f {shard} && {same_run}"
    assert said.startswith(f"{shard} is unreadable (its checksum is wrong)")
    # The command itself, but for this file only.
    options = shlex.join(["--cores", "2", "--", target])
    python = shlex.quote(sys.executable)
    called = f'snakemake() {{ {python} -m snakemake "$@" {options}; }}; {command}'
    paths = {"PYTHONPATH": str(rerun / "workflow")}
    mended = subprocess.run(
        ["bash", "-c", called], cwd=rerun, env=os.environ | paths, capture_output=True, text=True
    )
    assert mended.returncode == 0, mended.stderr
    assert mended.stderr.count("\nlocalrule ") == 2
    assert "localrule relax_shard" in mended.stderr and "localrule build_dataset" in mended.stderr
    for path in (shard, target):
        assert (rerun / path).read_bytes() == (finished / path).read_bytes()


def other_clone(folder):
    """Make a clone whose package ends every job, installed in a .venv of its own.

    The .venv is as that of a clone: the package is known by a path in site-packages. Its Python
    is another than that of the tests, as in a conda environment.
    """
    package = folder / "workflow" / "moirespin"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('the package of another clone')")
    venv.create(folder / ".venv", symlinks=True)
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    paths = f"{package.parent}\n{sysconfig.get_path('purelib')}\n"
    (packages / "clone.pth").write_text(paths)
    return folder / ".venv" / "bin"


def test_package_of_another_clone_is_never_run(rerun, tmp_path):
    programs = other_clone(tmp_path / "clone")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    shell = clean | {"PATH": f"{programs}:{os.environ['PATH']}"}
    command = ["python", "-m", "snakemake", "--cores", "1", "--configfile", *CONFIGS]
    tried = subprocess.run(["python", "-c", "import moirespin"], env=shell, capture_output=True)
    assert b"another clone" in tried.stderr
    plan = [*command, "--dry-run"]
    planned = subprocess.run(plan, cwd=rerun, env=shell, capture_output=True, text=True)
    assert "Nothing to be done" in planned.stdout + planned.stderr
    (rerun / "results/test/tables/phases.csv").unlink()
    done = subprocess.run(command, cwd=rerun, env=shell, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (rerun / "results/test/tables/phases.csv").exists()


def test_locale_plans_nothing(finished):
    shell = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    shell |= {"PYTHONPATH": str(finished / "workflow")}
    encoding = [sys.executable, "-c", "import locale; print(locale.getencoding())"]
    asked = subprocess.run(encoding, env=shell, capture_output=True, text=True)
    assert asked.stdout.strip() == "ANSI_X3.4-1968"
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--configfile", *CONFIGS]
    done = subprocess.run(command, cwd=finished, env=shell, capture_output=True, text=True)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_whole_shard_under_another_name_is_mended_by_what_is_said(finished, rerun, snakemake):
    shard = "results/test/shards/m10/000.nc"
    shutil.copy2(rerun / "results/test/shards/m16/000.nc", rerun / shard)
    target = "results/test/phase_diagram.nc"
    said = sentence(snakemake(rerun, target, "--forcerun", "gather_shards"))
    assert said.startswith(f"{shard} is of the twist index 16 instead of 10: repair it with: rm -f")
    (rerun / shard).unlink()
    answer = snakemake(rerun, target)
    assert answer.returncode == 0, answer.stdout
    for path in (shard, target):
        assert (rerun / path).read_bytes() == (finished / path).read_bytes()


def in_namespace(folder, script):
    """Return what a shell script gives in which S is Snakemake and mounts are allowed."""
    tried = shutil.which("unshare") and subprocess.run([*NAMESPACE, "true"], capture_output=True)
    if not tried or tried.returncode:
        pytest.skip("needs a mount namespace: unshare --mount --map-root-user")
    call = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", *CONFIGS, "--"]
    return subprocess.run(
        [*NAMESPACE, "sh", "-c", f"S={shlex.quote(shlex.join(call))}\n{script}"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "workflow")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_full_disk_is_one_sentence_and_space_is_all_it_needs(finished, rerun):
    target = "results/test/dataset.nc"
    answer = in_namespace(
        rerun,
        f"""
        mv results/test kept && mkdir results/test && mount -t tmpfs -o size=8m tmpfs results/test
        cp -a kept/shards results/test/
        dd if=/dev/zero of=results/test/filler bs=4k
        $S {target}; echo "first: $?"
        ls -A results/test
        rm results/test/filler
        $S {target} > second.txt 2>&1; echo "second: $?"
        cp {target} kept/again.nc
        """,
    )
    first, _, second = answer.stdout.partition("first: 1\n")
    (said,) = [line for line in first.splitlines() if "error: " in line]
    assert f"{target} cannot be written (" in said and "0.0 MB free on its disk" in said
    assert "Traceback" not in answer.stdout
    assert second.split()[:3] == ["filler", "logs", "shards"]
    assert "second: 0" in second, (rerun / "second.txt").read_text()
    assert (rerun / "kept/again.nc").read_bytes() == (finished / target).read_bytes()


def test_results_that_cannot_be_written_end_in_one_sentence(rerun):
    (rerun / "results/test/dataset.nc").unlink()
    answer = in_namespace(
        rerun,
        """
        mount --bind results results && mount -o remount,ro,bind results
        $S results/test/dataset.nc; echo "first: $?"
        """,
    )
    assert "results/test cannot be written: make it writable" in answer.stdout
    assert "Traceback" not in answer.stdout
    assert answer.stdout.endswith("first: 1\n")


def test_states_that_are_no_numbers_are_counted_and_left_out(fresh, snakemake):
    changes = {"sweep": {"twist_indices": [10], "sets_per_angle": 16}}
    append(fresh, "states/parameter_sets.py", NAN_IN_EVERY_FOURTH_SET)
    table = "results/test/tables/phases.csv"
    answer = snakemake(fresh, table, "results/test/dataset.nc", changes=changes)
    assert answer.returncode == 0, answer.stdout
    assert "16 sets, 4 not converged" in answer.stdout
    row = pd.read_csv(fresh / table).set_index("twist_index").loc["all"]
    assert row[["sets", "undetermined", "not_converged"]].tolist() == [16, 4, 4]
    samples = netcdf.read(DATASET, fresh / "results/test/dataset.nc")
    assert samples.sizes["sample"] == row["ncd"] + row["md"]
    assert not set(samples["set_number"].values) & {0, 4, 8, 12}
    assert np.isfinite(samples["image"].values).all()
    diagram = netcdf.read(PHASE_DIAGRAM, fresh / "results/test/phase_diagram.nc")
    np.testing.assert_array_equal(np.flatnonzero(diagram["winner"] < 0), [0, 4, 8, 12])


@pytest.mark.parametrize("days", [-4000, 400])
def test_shifted_clock_and_other_time_zone_rerun_nothing(days, rerun, planned, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati" if days > 0 else "America/Los_Angeles")
    for path in rerun.rglob("*"):
        if path.is_file() and not path.is_symlink():
            about = path.stat()
            shift = days * 86_400 * 10**9
            os.utime(path, ns=(about.st_atime_ns + shift, about.st_mtime_ns + shift))
    assert planned(rerun) == {}


def renew_sources(folder):
    """Give every file but results and records the time of now, as a clone does."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).parts[0] not in ("results", ".snakemake"):
            path.touch()


def test_clone_over_old_results_and_records_reruns_only_what_changed(rerun, planned):
    renew_sources(rerun)
    assert planned(rerun) == {}
    assert "fig05" in planned(rerun, changes={"analysis": {"bootstrap_samples": 60}})


def test_clone_over_results_without_records_reruns_nothing_and_sees_no_change(rerun, planned):
    # Why docs/faults.md says to copy .snakemake too.
    shutil.rmtree(rerun / ".snakemake")
    renew_sources(rerun)
    assert planned(rerun) == {}
    assert planned(rerun, changes={"analysis": {"bootstrap_samples": 60}}) == {}


def test_results_copied_without_their_times_rerun_nothing_with_records(rerun, planned):
    # Small files are compared by their checksums in Snakemake's records.
    for path in sorted((rerun / "results").rglob("*"), reverse=True):
        if path.is_file():
            path.touch()
    # The explorer is larger than what Snakemake keeps checksums of, and the page links it.
    assert planned(rerun).keys() <= {"results_page"}
