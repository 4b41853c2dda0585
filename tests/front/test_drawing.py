"""Drawing and measuring from Python give what the commands give."""

import json

import numpy as np
import pytest

import moirespin
from moirespin.cli.__main__ import main
from moirespin.front import measuring
from moirespin.inference import infer as inference

PARAMETERS = (1.1, 3.0, 0.15)
OPTIONS = ["--twist-deg", "1.1", "--exchange-mev", "3", "--anisotropy-mev", "0.15"]


def test_drawn_texture_is_that_of_the_command(tmp_path, capsys):
    window = moirespin.Window(30, 12, 20.0, (1.0, 2.0))
    texture = moirespin.draw(*PARAMETERS, window=window)
    path = tmp_path / "drawn.npz"
    pose = ["--window-nm", "30", "--pixels", "12", "--rotation-deg", "20", "--offset-nm", "1", "2"]
    assert main(["draw", *OPTIONS, *pose, "--json", "--out", str(path)]) == 0
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["bottom"], texture.images.spins[1, ..., 2])
        assert arrays["rotation_deg"] == texture.about["rotation_deg"] == 20
    printed = json.loads(capsys.readouterr().out)
    assert printed == {name: texture.about[name] for name in printed}


@pytest.mark.parametrize("ending", ["png", "nc"])
def test_texture_is_plotted_and_saved(ending, tmp_path):
    texture = moirespin.draw(*PARAMETERS, window=moirespin.Window(30, 12))
    moirespin.save(texture, tmp_path / f"drawn.{ending}")
    assert (tmp_path / f"drawn.{ending}").stat().st_size > 1000
    shown = moirespin.plot(texture).axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown, texture.images.spins[0, ..., 2])


def test_infer_passes_on_what_is_known(monkeypatch):
    monkeypatch.setattr(inference, "infer", lambda *given, **more: (*given, more))
    monkeypatch.setattr(measuring, "pin_arithmetic", lambda double: None)
    image = np.random.default_rng(0).normal(size=(20, 20))
    measurement, known, textures, more = moirespin.infer(
        image, 0.5, "top", units="spin", twist_deg=(0.9, 1.2), seed=3
    )
    np.testing.assert_array_equal(measurement.images[0], image)
    assert (measurement.pixel_nm, known.channel, known.units) == (0.5, "top", "spin")
    assert known.twist_deg == (0.9, 1.2)
    assert known.exchange_mev == textures.exchange_mev
    assert more == {"samples": 4000, "seed": 3}


def test_every_name_of_the_package_leads_somewhere():
    for name in moirespin.__all__:
        assert getattr(moirespin, name).__doc__
    assert set(moirespin.__all__) <= set(dir(moirespin))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = moirespin.nothing
