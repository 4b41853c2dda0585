"""`moirespin infer`: what it prints and writes, and one sentence for what cannot be read."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from inference.family import FAMILY, photograph
from moirespin.cli import infer
from moirespin.cli.__main__ import main

OPTIONS = ["--pixel-nm", "1.25", "--channel", "net"]


@pytest.fixture(autouse=True)
def closed_form(monkeypatch, tmp_path_factory):
    """Textures in closed form instead of a trained model; no test touches the user's cache."""
    monkeypatch.setattr(infer, "_load", lambda path: FAMILY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.npy"
    np.save(path, photograph(noise=0.05).images[0])
    return path


@pytest.fixture
def noise(tmp_path):
    path = tmp_path / "noise.npy"
    np.save(path, np.random.default_rng(0).standard_normal((64, 64)))
    return path


def refusal(capsys, arguments):
    assert main(["infer", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.slow
def test_numbers_and_files(image, tmp_path, capsys):
    out = tmp_path / "read"
    assert main(["infer", str(image), *OPTIONS, "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    for name, true in (("twist_angle_deg", 1.5), ("exchange_mev", 3.0), ("anisotropy_mev", 0.12)):
        assert abs(found[name]["mean"] - true) < 4 * found[name]["std"]
        lower, upper = found[name]["interval95"]
        assert lower < found[name]["mean"] < upper
    assert found["phase"]["MD"] > 0.99
    assert found["goodness_of_fit"] > 1e-3
    assert {path.name for path in out.iterdir()} == {
        "posterior.nc",
        "summary.csv",
        "fit.png",
        "corner.png",
    }
    with xr.open_dataset(out / "posterior.nc", group="posterior") as samples:
        assert samples["exchange_mev"].dims == ("chain", "draw")
        np.testing.assert_allclose(samples["exchange_mev"].mean(), found["exchange_mev"]["mean"])
    table = pd.read_csv(out / "summary.csv", index_col="parameter")
    np.testing.assert_allclose(table.loc["exchange_mev", "mean"], found["exchange_mev"]["mean"])
    with Image.open(out / "fit.png") as picture:
        assert np.ptp(np.asarray(picture.convert("L"))) > 100


def test_missing_file_is_refused(tmp_path, capsys):
    assert "is not a file" in refusal(capsys, [tmp_path / "image.npy", *OPTIONS])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.ones((40, 40)), "is constant"),
        (np.full((40, 40), np.nan), "pixels that are numbers"),
        (np.zeros((40, 40, 3)), "no colours"),
        (np.zeros(0), "no colours|holds image"),
    ],
)
def test_image_without_content_is_refused(tmp_path, capsys, values, sentence):
    path = tmp_path / "image.npy"
    np.save(path, values)
    said = refusal(capsys, [path, *OPTIONS])
    assert any(part in said for part in sentence.split("|"))
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--channel", "stray-field"], "--height-nm is missing"),
        (["--psf-nm", "1", "2", "3"], "--psf-nm has 3 numbers"),
        (["--twist-deg", "0.2", "0.4"], "where the texture model holds"),
        (["--twist-deg", "2.4", "2.5", "--pixel-nm", "8"], "is not resolved"),
    ],
)
def test_options_that_make_no_sense_are_refused(noise, capsys, more, sentence):
    assert sentence in refusal(capsys, [noise, *OPTIONS, *more])
