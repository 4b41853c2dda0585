"""Trials: drawn alike in any order, judged by closed forms, and a refusal is an outcome."""

import numpy as np
import pytest

from inference.family import FAMILY, knowledge, photograph
from moirespin.inference.measurement import check_measurement
from moirespin.inference.trial import TESTED, TrialPlan, draw_take, judge_reading
from moirespin.inference.trial import knowledge as told

PLAN = TrialPlan(["net", "both", "stray-field"], 80.0, 64, 0.8, (5.0, 20.0), (-10.0, 40.0), 500)
TRUTH = {"twist_angle_deg": 1.5, "exchange_mev": 3.0, "anisotropy_mev": 0.12}


def draw(number, seed=1):
    return draw_take(PLAN, seed=seed, twist_index=9, number=number, period_nm=20.0)


def test_a_take_depends_on_its_own_set_and_seed_only():
    assert str(draw(5)) == str(draw(5))
    assert str(draw(5)) != str(draw(5, seed=2))
    assert draw(5).camera.snr_db != draw(8).camera.snr_db


def test_takes_lie_within_what_was_asked_for():
    takes = [draw(number) for number in range(300)]
    levels = np.array([take.camera.snr_db for take in takes])
    assert -10 <= levels.min() < -8 and 38 < levels.max() <= 40
    heights = np.array([take.camera.height_nm for take in takes])
    assert heights.min() >= 5 and heights.max() <= 20
    assert np.median(heights) == pytest.approx(10, abs=1)
    assert [take.camera.channel for take in takes[:4]] == ["net", "both", "stray-field", "net"]
    for take in takes:
        assert (take.camera.scale is not None) == (take.units == "arbitrary")
    known = told(draw(2), FAMILY)
    assert (known.channel, known.units) == ("stray-field", "spin")
    assert known.height_nm == (draw(2).camera.height_nm, 0.0)


def test_reading_is_compared_with_the_truth():
    image = photograph(channel="net", noise=0.05)
    quiet = photograph(channel="net", noise=0.0)
    row = judge_reading(image, knowledge(), FAMILY, quiet=quiet, truth=TRUTH, samples=1000, seed=1)
    # The texture is the model's own; that it is there at all is hundreds of sigma.
    contrast = quiet.images - quiet.images.mean()
    assert row["texture_sigma"] == pytest.approx(np.linalg.norm(contrast) / 0.05, rel=0.03)
    assert row["distance_sigma"] < 0.1 and not row["unexplained"]
    assert row["outcome"] == "read" and row["phase_found"] == "MD" and row["modes"] >= 1
    for name, true in TRUTH.items():
        assert row[name] == true
        assert row[f"{name}_error"] == pytest.approx(row[f"{name}_mean"] - true)
        assert abs(row[f"{name}_error"]) < 4 * row[f"{name}_std"]
        assert 0 < row[f"{name}_rank"] < 1
        below = row[f"{name}_rank"] < 0.975
        assert below == (row[f"{name}_upper95"] > true)
        # One clean mode: the posterior is as wide as the bound.
        assert row[f"{name}_std"] == pytest.approx(row[f"{name}_bound"], rel=0.25)


def test_refusal_is_an_outcome():
    noise = np.random.default_rng(0).standard_normal((64, 64))
    image = check_measurement(noise, 1.25, "net")
    # A texture of one wave, of amplitude 0.01: 0.01 sqrt(64 * 64 / 2) = 0.45 sigma.
    quiet = image._replace(images=np.tile(0.01 * np.cos(2 * np.pi * np.arange(64) / 8), (1, 64, 1)))
    image = image._replace(images=image.images + quiet.images)
    row = judge_reading(image, knowledge(), FAMILY, quiet=quiet, truth=TRUTH, samples=200, seed=1)
    assert row["texture_sigma"] == pytest.approx(0.45, abs=0.02)
    assert np.isnan(row["distance_sigma"])
    assert row["outcome"].startswith("refused: the image has no moire period")
    assert all(row[name] == true for name, true in TRUTH.items())
    assert all(np.isnan(row[f"{name}_rank"]) for name in TESTED)
