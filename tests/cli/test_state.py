"""`moirespin state`: what it prints is the workflow's ground state; refusals are one sentence."""

import json

import pytest

from moirespin import cli

FERROMAGNET = ["state", "--m", "8", "--exchange-mev", "2", "--anisotropy-mev", "0.2"]


def test_state_prints_the_ground_state_and_draws_it(capsys, tmp_path):
    image = tmp_path / "state.png"
    arguments = [*FERROMAGNET, "--scale", "1.0", "--json", "--image", str(image)]
    assert cli.main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    # 868 spins, 1302 bonds in the layers, and the sum of all interlayer exchange at lambda = 1.
    assert found["energy_mev"] == pytest.approx(-2 * 1302 - 0.2 * 868 - 3.027692, abs=1e-4)
    assert found["phase"] == "FM"
    assert found["magnetization_top"] == pytest.approx(1)
    assert found["converged"] is True
    assert image.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["--m", "1"], "--m is 1: it must be at least 2"),
        (["--exchange-mev", "0"], "--exchange-mev is 0.0: it must be above 0"),
        (["--random-starts", "-1"], "ground_state.random_starts is -1, but must be at least 0"),
        (["--config", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_state_refuses_in_one_sentence(capsys, changes, sentence):
    assert cli.main([*FERROMAGNET, *changes]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("moirespin: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1
