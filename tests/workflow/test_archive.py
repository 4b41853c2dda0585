"""The archive of the tiny run: refused without a report, then packed and checked."""

import json
import subprocess
import sys
import zipfile

import pytest
import xarray as xr
import yaml

from moirespin.figures.registry import FIGURES as ALL_FIGURES

pytestmark = pytest.mark.workflow

RUN = "results/test"
FIGURES = [figure.name for figure in ALL_FIGURES if figure.by_default]


@pytest.fixture
def pack(rerun):
    """Call the archive in the copy of the tiny run."""
    return lambda: subprocess.run(
        [sys.executable, "-m", "moirespin.pipeline.archive", RUN],
        cwd=rerun,
        env={"PYTHONPATH": str(rerun / "workflow")},
        capture_output=True,
        text=True,
    )


def test_tiny_run_is_packed_once_it_has_a_report(rerun, pack, snakemake, tmp_path):
    refused = pack()
    assert refused.returncode == 1
    assert refused.stderr == (
        f"archive: {RUN} is not finished, it lacks report.html: run make report\n"
    )
    answer = snakemake(rerun, "--report", f"{RUN}/report.html")
    assert answer.returncode == 0, answer.stdout
    report = (rerun / RUN / "report.html").read_text()
    assert [name for name in FIGURES if f"{name}.png" not in report] == []
    done = pack()
    assert done.returncode == 0, done.stderr
    first = (rerun / "results/test.zip").read_bytes()
    pack()
    assert (rerun / "results/test.zip").read_bytes() == first
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(rerun / "results/test.zip") as packed:
        packed.extractall(unpacked)
    unpacked = unpacked / "test"
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"], cwd=unpacked
    )
    assert checked.returncode == 0
    # What is packed says itself which config made it.
    with xr.open_dataset(unpacked / "phase_diagram.nc") as diagram:
        made = json.loads(diagram.attrs["config"])
    assert yaml.safe_load((unpacked / "config.yaml").read_text()) == made
    assert made["run"] == "test"
    assert len(list(unpacked.glob("scores/*.nc"))) > 5
    assert json.loads((unpacked / "ro-crate-metadata.json").read_text())["@graph"]
