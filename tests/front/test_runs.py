"""Runs opened from Python and exported, on files of the right schema with random contents."""

import json

import numpy as np
import pytest
import xarray as xr

import mocks
import moirespin
from moirespin.cli.__main__ import main
from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_DIAGRAM, SHARD
from moirespin.physics.lattice import build_bilayer, list_sites

M = 2
SETS = [0, 1, 2, 3, 4]


def shard_of(numbers, config):
    """Return a shard of twist index 2 whose spins are random and of unit length."""
    sites = list_sites(build_bilayer(M, **config["lattice"]))
    count = len(sites.layer)
    dataset = mocks.dataset(SHARD, seed=numbers[0], set=len(numbers), start=3, site=count)
    spins = np.random.default_rng(numbers[0]).normal(size=(len(numbers), count, 3))
    dataset["spins"].values[:] = spins / np.linalg.norm(spins, axis=-1, keepdims=True)
    dataset["twist_index"].values[:] = M
    dataset["set_number"].values[:] = numbers
    dataset["converged"].values[:] = 1
    for name, values in zip(("position", "site_layer", "sublattice"), sites, strict=True):
        dataset[name].values[:] = values
    return dataset.assign_coords(start=["tilted", "noncollinear", "domain"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with two shards of one angle, and the shards."""
    import yaml

    from conftest import ROOT

    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    run = tmp_path_factory.mktemp("results") / "laptop"
    (run / f"shards/m{M:02d}").mkdir(parents=True)
    shards = [shard_of(SETS[:3], config), shard_of(SETS[3:], config)]
    for chunk, shard in enumerate(shards):
        netcdf.write(SHARD, shard, run / f"shards/m{M:02d}/{chunk:03d}.nc")
    diagram = mocks.dataset(PHASE_DIAGRAM, set=5, start=3)
    netcdf.write(PHASE_DIAGRAM, diagram, run / "phase_diagram.nc", made={"config": config})
    (run / "tables").mkdir()
    (run / "tables/phases.csv").write_text("twist_index,sets\n2,5\n")
    return run, xr.concat(shards, "set", data_vars="minimal", compat="override", coords="minimal")


@pytest.mark.parametrize("number", SETS)
def test_each_set_is_found_in_its_shard(number, folder):
    run, sets = moirespin.open_run(folder[0]), folder[1]
    state = run.state(M, number)
    assert int(state["set_number"]) == number
    np.testing.assert_allclose(state["spins"], sets["spins"].isel(set=number), atol=1e-7)
    texture = run.texture(M, number, moirespin.Window(10, 8))
    np.testing.assert_array_equal(texture.sites.spins, state["spins"])
    np.testing.assert_allclose(texture.sites.positions_nm, state["position"])
    assert texture.images.spins.shape == (2, 8, 8, 3)
    assert texture.about["set_number"] == number and texture.about["window_nm"] == 10


def test_tables_are_read_and_missing_things_are_named(folder, tmp_path):
    run = moirespin.open_run(folder[0])
    assert run.table("phases")["sets"].tolist() == [5]
    for ask, words in (
        (lambda: run.table("phase"), "has no table phase: it has phases"),
        (lambda: run.state(M, 5), "shards/m02 has sets 0 to 4, but no set 5"),
        (lambda: run.state(8, 0), r"has no shards/m08 \(angles: m02\)"),
        (lambda: run.dataset("fisher.nc"), "has no fisher.nc"),
        (lambda: run.dataset("other.nc"), "other.nc is no file of a run"),
        (lambda: run.texture_model(), "has no models/textures.safetensors"),
        (lambda: run.estimate(np.zeros((1, 2, 3, 3))), r"need \(sample, 2, 80, 80\)"),
        (lambda: moirespin.open_run(tmp_path), "is not the folder of a finished run"),
    ):
        with pytest.raises(ValueError, match=words):
            ask()


def test_export_writes_one_file_for_each_set(folder, tmp_path, capsys):
    out = tmp_path / "set{set}.nc"
    arguments = ["export", str(folder[0]), "--m", "2", "--sets", "1,3-4", "--pixels", "8"]
    assert main([*arguments, "--out", str(out)]) == 0
    assert capsys.readouterr().out.count("set_number") == 3
    assert {path.name for path in tmp_path.iterdir()} == {"set1.nc", "set3.nc", "set4.nc"}
    for number in (1, 3, 4):
        with xr.open_dataset(tmp_path / f"set{number}.nc") as file:
            np.testing.assert_allclose(file["spins"], folder[1]["spins"][number], atol=1e-7)
            assert file.attrs["set_number"] == number


def test_export_of_several_sets_prints_one_list(folder, capsys):
    assert main(["export", str(folder[0]), "--m", "2", "--sets", "0,2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [about["set_number"] for about in found] == [0, 2]


def test_export_of_one_set_prints_what_it_is(folder, tmp_path, capsys):
    out = tmp_path / "state.ovf"
    arguments = ["export", str(folder[0]), "--m", "2", "--set", "4", "--pixels", "8", "--json"]
    assert main([*arguments, "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["set_number"] == 4 and found["twist_index"] == 2
    assert out.read_bytes().startswith(b"# OOMMF OVF 2.0")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["--set", "x"], "--set is x, but must be a whole number from 0"),
        (["--sets", "3-1"], "--sets is 3-1, but must be numbers and ranges such as 0-4,7"),
        (["--sets", "1,"], "--sets is 1,, but must be numbers"),
        (["--sets", "0-1", "--out", "a.nc"], "--out is a.nc, but must hold {set} in its name"),
        (["--set", "9"], "has sets 0 to 4, but no set 9"),
        (["--set", "0", "--out", "a.jpg"], "--out is a.jpg, but must end in one of"),
    ],
)
def test_refusals_of_export_are_one_sentence(changes, sentence, folder, capsys):
    assert main(["export", str(folder[0]), "--m", "2", *changes]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert sentence in said.err
