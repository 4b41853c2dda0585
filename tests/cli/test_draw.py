"""`moirespin draw`: the shipped model, its files, and what it refuses."""

import json

import numpy as np
import pytest

from moirespin.cli.__main__ import main

STATE = ["draw", "--twist-deg", "1.23", "--exchange-mev", "3", "--anisotropy-mev", "0.1"]


def test_draw_prints_a_state_and_writes_its_pixels(capsys, tmp_path):
    archive, field = tmp_path / "drawn.npz", tmp_path / "drawn.ovf"
    window = ["--window-nm", "60", "--pixels", "30", "--out", str(archive), "--out", str(field)]
    assert main([*STATE, "--json", *window]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["phase"] == "MD"
    assert found["magnetization_top"] < found["magnetization_bottom"]
    assert found["gap_per_spin_mev"] > 0
    with np.load(archive) as arrays:
        assert arrays["top"].shape == (30, 30)
        length = np.hypot(arrays["top"], arrays["top_x"])
        assert length.max() <= 1 + 1e-9
        assert arrays["twist_angle_deg"] == 1.23
    assert field.read_bytes().startswith(b"# OOMMF OVF 2.0")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--twist-deg", "0.05", "the twist angle is 0.05 degrees"),
        ("--exchange-mev", "20", "the exchange J is 20 meV"),
        ("--anisotropy-mev", "0.5", "the anisotropy D is 0.5 meV"),
        ("--model", "none.safetensors", "none.safetensors"),
    ],
)
def test_what_cannot_be_drawn_gets_one_sentence(capsys, option, value, sentence):
    assert main([*STATE, option, value]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_sites_have_no_file(capsys, tmp_path):
    assert main([*STATE, "--out", str(tmp_path / "drawn.vtk")]) == 2
    assert "must end in one of .png" in capsys.readouterr().err
