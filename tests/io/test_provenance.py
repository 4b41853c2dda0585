"""What files say about their making: all of it, nothing about the machine, in every script."""

import ast
import json
import os
import platform
import socket
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.io import checksum, netcdf, packed_images, provenance
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import ERROR_PCA
from moirespin.io.weights import annotate
from moirespin.learning.networks import FORMAT, build, load_network, save_network
from moirespin.pipeline.fingerprint import SCRIPTS

WRITERS = {"write", "save", "annotate", "build_dataset", "predict_images"}
WRITERS |= {"save_model", "draw_test_images", "write_page"}


@pytest.fixture
def job(config):
    """What a script sees of its job."""
    params = SimpleNamespace(code="0123456789abcdef")
    return SimpleNamespace(rule="error_pca", params=params, config=config)


def test_record_holds_config_code_versions_and_seed(job, config):
    made = provenance.of(job)
    assert made["config"] == config
    assert (made["rule"], made["code"], made["seed"]) == ("error_pca", "0123456789abcdef", 2024)
    assert made["versions"]["jax"] == jax.__version__
    assert made["versions"]["numpy"] == np.__version__
    assert made["versions"]["python"] == platform.python_version()
    assert made["versions"].keys() >= set(provenance.PACKAGES) - {"jax-cuda12-plugin"}
    assert (
        f'version = "{made["moirespin_version"]}"'
        in (provenance.PROJECT / "pyproject.toml").read_text()
    )


def test_record_is_the_same_each_time_and_names_no_machine(job):
    text = json.dumps(provenance.of(job))
    assert text == json.dumps(provenance.of(job))
    for word in (str(Path.cwd()), str(Path.home()), socket.gethostname(), str(os.getpid())):
        assert word in ("/", "localhost") or f'"{word}' not in text
    assert str(provenance.PROJECT) not in text


def test_order_of_the_config_changes_nothing(job, config):
    text = json.dumps(provenance.of(job))
    job.config = dict(reversed(config.items()))
    assert json.dumps(provenance.of(job)) == text


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package"))
    assert provenance.versions().keys() == {"python", "numpy"}


def test_dataset_keeps_the_record_and_forgets_that_of_its_parts(tmp_path, job, config):
    made = provenance.of(job)
    parts = mocks.dataset(ERROR_PCA).assign_attrs(provenance.attributes(made | {"rule": "before"}))
    netcdf.write(ERROR_PCA, parts, tmp_path / "file.nc", made=made)
    found = netcdf.read(ERROR_PCA, tmp_path / "file.nc").attrs
    assert found["title"] == ERROR_PCA.name
    assert found["rule"] == "error_pca"
    assert json.loads(found["config"]) == config
    assert json.loads(found["versions"]) == made["versions"]
    assert "rule" in parts.attrs and parts.attrs["rule"] == "before"


def test_streamed_dataset_keeps_the_record(tmp_path, job):
    contents = mocks.dataset(DATASET, sample=2, x=4, y=4)
    with packed_images.streamed(
        DATASET, contents, tmp_path / "file.nc", made=provenance.of(job)
    ) as put:
        put("image", 0, contents["image"].values)
    with xr.open_dataset(tmp_path / "file.nc") as file:
        assert file.attrs["code"] == "0123456789abcdef"


@pytest.mark.slow
def test_model_keeps_the_record_beside_what_it_said(tmp_path, job):
    path = tmp_path / "model.safetensors"
    shape = {"pixels": 6, "first": 5, "features": 4, "third": 3}
    about = {"kind": "regressor", "target": "exchange", "shape": shape, "seed": 0}
    save_network(str(path), build("regressor", shape, 0), {}, about=about)
    made = provenance.of(job)
    annotate(str(path), made=made)
    *_, found = load_network(str(path))
    assert found == about | {"format": FORMAT, "made": made, "sha256": checksum.digest(path)}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.json", path.name]


def written_by(path):
    """Yield the calls of a script that write a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in WRITERS:
                yield node


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_every_script_records_what_made_its_files(path):
    calls = list(written_by(path))
    assert calls
    assert "to_csv" not in path.read_text()
    named = "made = provenance.of(snakemake)" in path.read_text()
    for call in calls:
        text = ast.unparse(call)
        assert "provenance.of(snakemake)" in text or (named and "made" in text), text
