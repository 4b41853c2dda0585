"""Files of a run are read by what they are."""

import json

import pytest

import mocks
from moirespin.io import netcdf, run_files
from moirespin.io.schemas.scores import PROFILES
from moirespin.io.schemas.states import PHASE_LINES, SHARD


def test_patterns_tell_files_of_one_name_apart():
    assert run_files.schema_of("results/x/phase_lines.nc") is PHASE_LINES
    assert run_files.schema_of("results/x/phase_lines/m08.nc") is not PHASE_LINES
    assert run_files.schema_of("results/x/shards/m08/000.nc") is SHARD
    assert run_files.schema_of("results/x/scores/regression_profiles.nc") is PROFILES
    with pytest.raises(ValueError, match="is no file of a run"):
        run_files.schema_of("results/x/other.nc")


def test_each_kind_of_file_is_opened_as_what_it_holds(tmp_path):
    lines = mocks.dataset(PHASE_LINES, twist=2, exchange_point=3, anisotropy_point=2)
    netcdf.write(PHASE_LINES, lines, tmp_path / "phase_lines.nc")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / "a.json").write_text(json.dumps({"x": 1}))
    with run_files.opened(str(tmp_path / "phase_lines.nc")) as found:
        assert (found["fm_line"] == lines["fm_line"]).all()
    with run_files.opened(str(tmp_path / "a.csv")) as table:
        assert table["y"].tolist() == [2]
    with run_files.opened(str(tmp_path / "a.json")) as record:
        assert record == {"x": 1}
    with run_files.opened("model.safetensors") as path:
        assert path == "model.safetensors"


def test_broken_files_are_named(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match=r"a\.json"), run_files.opened(str(tmp_path / "a.json")):
        pytest.fail("reads what is broken")
