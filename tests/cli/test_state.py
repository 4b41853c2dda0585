"""`moirespin state`: what it prints is the workflow's ground state; refusals are one sentence."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from moirespin.cli import outputs, state
from moirespin.cli.__main__ import COMMANDS, main
from moirespin.io.export import formats
from moirespin.physics.lattice import twist_angle_deg

PROJECT = Path(__file__).parents[2]
FERROMAGNET = ["state", "--m", "8", "--exchange-mev", "2", "--anisotropy-mev", "0.2"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path_factory):
    """No test touches the cache of whoever runs it; all tests of a session share one."""
    cache = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


def refusal(capsys, arguments):
    """Return the sentence that refuses a command line; nothing may be printed beside it."""
    assert main(list(map(str, arguments))) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (sentence,) = said.err.splitlines()
    assert sentence.startswith("moirespin: ")
    return sentence.removeprefix("moirespin: ")


def test_state_prints_the_ground_state_and_writes_it(capsys, tmp_path):
    picture, archive, file = (tmp_path / f"state.{ending}" for ending in ("png", "npz", "nc"))
    arguments = [*FERROMAGNET, "--scale", "1.0", "--json", "--pixels", "12", "--window-nm", "20"]
    arguments += ["--image", str(picture), "--out", str(archive), "--out", str(file)]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    # 868 spins, 1302 bonds in the layers, and the sum of all interlayer exchange at lambda = 1.
    assert found["energy_mev"] == pytest.approx(-2 * 1302 - 0.2 * 868 - 3.027692, abs=1e-4)
    assert found["phase"] == "FM"
    assert found["magnetization_top"] == pytest.approx(1)
    assert found["converged"] is True
    assert picture.read_bytes().startswith(b"\x89PNG")
    with np.load(archive) as arrays:
        np.testing.assert_allclose(arrays["top"], np.ones((12, 12)), atol=1e-6)
        assert arrays["centres_nm"][[0, -1]] == pytest.approx([-55 / 6, 55 / 6])
        assert arrays["exchange_mev"] == 2.0
    with xr.open_dataset(file) as dataset:
        assert dataset.sizes["site"] == 868
        np.testing.assert_allclose(np.linalg.norm(dataset["spins"], axis=1), 1, atol=1e-6)


def test_twist_angle_is_the_nearest_commensurate_one(capsys):
    arguments = ["--twist-deg", "3.8", "--exchange-mev", "2", "--anisotropy-mev", "0.2", "--json"]
    assert main(["state", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["twist_index"] == 8
    assert found["twist_wanted_deg"] == 3.8
    assert found["twist_off_by_deg"] == pytest.approx(twist_angle_deg(8) - 3.8)


@settings(derandomize=True, database=None, deadline=None, max_examples=50)
@given(st.floats(twist_angle_deg(1000), twist_angle_deg(2)))
def test_no_other_commensurate_angle_is_nearer(angle):
    index = state.nearest_index(angle)
    off = abs(twist_angle_deg(index) - angle)
    for other in (index - 1, index + 1):
        if 2 <= other <= 1000:
            assert off <= abs(twist_angle_deg(other) - angle)


@pytest.mark.slow
def test_a_state_that_has_not_converged_is_printed_and_written(capsys, tmp_path):
    config = tmp_path / "short.yaml"
    config.write_text("relax: {max_steps: 3}\n")
    out = tmp_path / "state.csv"
    arguments = ["--m", "8", "--exchange-mev", "3", "--anisotropy-mev", "0.1", "--pixels", "4"]
    assert main(["state", *arguments, "--config", str(config), "--json", "--out", str(out)]) == 1
    assert json.loads(capsys.readouterr().out)["converged"] is False
    assert out.exists()


def test_config_files_lie_on_top_of_each_other(capsys, tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("interlayer: {scale: 0.5}\n")
    second.write_text("interlayer: {scale: 0.0}\n")
    arguments = [*FERROMAGNET, "--json", "--config", str(first), "--config", str(second)]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    # Without coupling each layer is a ferromagnet of its own.
    assert found["energy_mev"] == pytest.approx(-2 * 1302 - 0.2 * 868, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["--m", "1"], "--m is 1, but must be a whole number from 2 to 1000"),
        (["--m", "8.5"], "--m is 8.5, but must be a whole number from 2 to 1000"),
        (["--m", "9" * 5000], f"--m is {'9' * 100}..., but must be a whole number from 2 to"),
        (["--exchange-mev", "0"], "--exchange-mev is 0, but must be a number above 0 and up to 1"),
        (["--exchange-mev", "inf"], "--exchange-mev is inf, but must be a number above 0"),
        (["--exchange-mev", "1e9"], "--exchange-mev is 1e9, but must be a number above 0"),
        (["--exchange-mev", "a\nb"], r"--exchange-mev is 'a\nb', but must be"),
        (["--anisotropy-mev", "nan"], "--anisotropy-mev is nan, but must be a number from 0 to"),
        (["--anisotropy-mev", ""], "--anisotropy-mev is '', but must be a number from 0 to 1000"),
        (["--random-starts", "-1"], "--random-starts is -1, but must be a whole number from 0"),
        (["--twist-deg", "1.1"], "--twist-deg: not allowed with argument --m"),
        (["--pixels", "0"], "--pixels is 0, but must be a whole number from 4 to 4096"),
        (["--window-nm", "-1"], "--window-nm is -1, but must be a number above 0 and up to 10000"),
        (["--offset-nm", "1"], "--offset-nm: expected 2 arguments"),
        (["--offset-nm", "1", "x"], "--offset-nm is x, but must be a number"),
        (["--rotation-deg", "1e3"], "--rotation-deg is 1e3, but must be a number from -360 to"),
        (["--out", "state.jpg"], "--out is state.jpg, but must end in one of .png .pdf .svg .npz"),
        (["--out", "state"], "--out is state, but must end in one of .png"),
        (["--image", ""], "--out is '', but must end in one of .png"),
        (["--out", "no/folder/x.png"], "--out is no/folder/x.png, but there is no folder no/fol"),
        (["--out", f"{'x' * 300}.png"], "--out is xxx"),
        (["--out", "a\0b.png"], r"--out is 'a\x00b.png', "),
        (["--config", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (["--config", "README.md"], "README.md"),
        (["--frobnicate"], "unknown option --frobnicate: see moirespin state --help"),
        (["--exchange", "2"], "unknown option --exchange: did you mean --exchange-mev?"),
    ],
)
def test_refusals_are_one_sentence(capsys, changes, sentence, monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(state, "_find", lambda *_: pytest.fail("computes before it checks"))
    assert sentence in refusal(capsys, [*FERROMAGNET, *changes])


def test_missing_options_and_commands_are_named(capsys):
    sentence = refusal(capsys, ["state", "--m", "8"])
    assert "--exchange-mev" in sentence and "--anisotropy-mev" in sentence
    assert "--m --twist-deg" in refusal(
        capsys, ["state", "--exchange-mev", "1", "--anisotropy-mev", "0"]
    )
    assert "COMMAND" in refusal(capsys, [])
    assert "stat" in refusal(capsys, ["stat"])


def test_draw_offers_no_file_of_sites(capsys):
    parameters = ["--twist-deg", "1", "--exchange-mev", "2", "--anisotropy-mev", "0.1"]
    sentence = refusal(capsys, ["draw", *parameters, "--out", "x.vtk"])
    assert sentence == "--out is x.vtk, but must end in one of .png .pdf .svg .npz .nc .ovf .csv"


def test_a_path_that_is_no_file_is_refused(capsys, tmp_path):
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("folder.png", "pipe.png"):
        sentence = refusal(capsys, [*FERROMAGNET, "--out", tmp_path / name])
        assert sentence.endswith(f"{name}, but that is not a file")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(capsys, tmp_path):
    tmp_path.chmod(0o500)
    sentence = refusal(capsys, [*FERROMAGNET, "--out", tmp_path / "state.png"])
    assert "cannot be written" in sentence


def test_the_result_is_printed_though_the_file_cannot_be_written(capsys, tmp_path, monkeypatch):
    def fail(texture, path):
        raise OSError("disk full")

    monkeypatch.setitem(formats.WRITERS, ".npz", fail)
    assert main([*FERROMAGNET, "--out", str(tmp_path / "state.npz")]) == 2
    said = capsys.readouterr()
    assert "energy_mev" in said.out
    assert said.err.count("\n") == 1 and "state.npz cannot be written (disk full" in said.err
    assert "snakemake" not in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_pictures_are_of_the_kind_that_their_ending_says(tmp_path, capsys):
    heads = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}
    assert heads.keys() == set(outputs.PICTURES)
    written = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        paths = [folder / f"state{ending}" for ending in heads]
        files = [part for path in paths for part in ("--out", str(path))]
        assert main([*FERROMAGNET, "--pixels", "8", *files]) == 0
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]
    assert all(x.startswith(head) for x, head in zip(written[0], heads.values(), strict=True))


def test_bounds_of_options_are_those_of_the_config():
    schema = state.config_check.load_schema(PROJECT / "workflow/schemas/config.schema.yaml")
    sweep = schema["properties"]["sweep"]["properties"]
    for key in ("exchange_mev", "anisotropy_mev"):
        assert sweep[key]["items"]["maximum"] == state.LARGEST_MEV


def test_too_little_memory_is_said_before_anything_is_computed(capsys, monkeypatch):
    monkeypatch.setattr("moirespin.cli.progress.free_memory_bytes", lambda: 10**8)
    sentence = refusal(capsys, [*FERROMAGNET[:2], "500", *FERROMAGNET[3:]])
    assert "GB of memory, but only 0.1 GB are free" in sentence


@pytest.mark.parametrize("command", COMMANDS)
def test_help_describes_every_option(command, capsys):
    with pytest.raises(SystemExit) as leaving:
        main([command, "--help"])
    assert leaving.value.code == 0
    said = capsys.readouterr().out
    assert "--exchange-mev" in said or command in ("export", "explore")
    assert "--out" in said


def test_version_is_that_of_the_project(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert capsys.readouterr().out == f"moirespin {project['version']}\n"


def test_refusals_start_neither_jax_nor_xarray_nor_matplotlib():
    code = (
        "import sys; from moirespin.cli.__main__ import main;"
        f"code = main({[*FERROMAGNET, '--pixels', '0']!r});"
        "heavy = ('jax', 'xarray', 'matplotlib', 'pandas', 'scipy');"
        "print(code, [name for name in heavy if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.stdout.strip() == "2 []"
