"""The tiny run from Python: the example of the docs runs, and textures are the run's images."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import moirespin
from moirespin.io.netcdf import IMAGE_SCALE

pytestmark = pytest.mark.workflow

PROJECT = Path(__file__).parents[2]


def test_example_of_the_docs_runs(finished, tmp_path):
    example = [PROJECT / "docs/examples/first_run.py", finished / "results/test", tmp_path]
    done = subprocess.run(
        [sys.executable, *example],
        env={"PYTHONPATH": str(PROJECT / "workflow"), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "mean difference of S^z from the relaxed state: 0.0" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"relaxed.png", "relaxed.vtk"}


def test_texture_of_a_set_is_its_image_in_the_dataset(finished):
    run = moirespin.open_run(finished / "results/test")
    samples = run.dataset("dataset.nc")
    images = run.config["images"]
    window = moirespin.Window(images["window_nm"], images["pixels"])
    for place in (0, samples.sizes["sample"] - 1):
        sample = samples.isel(sample=place)
        texture = run.texture(int(sample["twist_index"]), int(sample["set_number"]), window)
        seen = texture.images.spins[..., 2]
        np.testing.assert_allclose(seen, sample["image"], atol=float(IMAGE_SCALE))


@pytest.mark.parametrize("networks", ["paper", "joint"])
def test_estimates_are_those_of_the_run(networks, finished):
    run = moirespin.open_run(finished / "results/test")
    samples = run.dataset("dataset.nc")
    test = samples.isel(sample=samples["split"].values == 2)
    name = {"paper": "parameters", "joint": "joint"}[networks]
    stored = run.dataset(f"predictions/{name}.nc")["predicted"]
    found = run.estimate(test["image"].values, networks)
    np.testing.assert_allclose(found, stored, rtol=1e-4)
