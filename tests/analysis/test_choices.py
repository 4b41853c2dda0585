"""The table of choices: shares of closed forms, gains by hand, and the rows of a tiny network."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from moirespin.analysis import choices
from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.choices import Noise, count_ferromagnets, split_gain, tabulate_choices
from moirespin.images.image_set import Split
from moirespin.io import packed_images
from moirespin.learning.split_parts import split_part, true_parameters
from moirespin.learning.variants import JOINT, VARIANTS
from moirespin.states.parameter_space import SYMBOLS, Box
from moirespin.states.scale_fit import PUBLISHED_SHARE
from small_training import RANGES, make_samples

BOX = Box(exchange_mev=(1.0, 10.0), anisotropy_mev=(0.0, 0.4))


def test_scale_of_a_flat_line_makes_room_for_near_uniform_states():
    """Above lambda 0.25 meV a share 1 - lambda / 1.6 of the box is ferromagnetic."""
    lines = xr.Dataset(
        {
            "line_exchange": ("j", np.linspace(1, 10, 5)),
            "fm_line": (("twist", "j"), np.full((2, 5), 1.5 * 0.25)),
        }
    )
    # Of ten states two are uniform, one nearly so, and one in one layer only.
    size = np.full((10, 2), 0.5)
    size[:4] = [[1, -1], [-1, -1], [0.995, 1], [0.995, 0.5]]
    states = xr.Dataset({"magnetization": (("set", "layer"), size)})
    found = count_ferromagnets(states, lines, scale=1.5, box=BOX, thresholds=[0.9999, 0.99])
    assert found["fm_percent"].tolist() == pytest.approx([20, 30])
    expected = [1.6 * (1 - PUBLISHED_SHARE), 1.6 * (1 - PUBLISHED_SHARE + 0.1)]
    assert found["fitted_scale"].tolist() == pytest.approx(expected, abs=1e-4)


def errors_by(factors):
    """Return a table of choices whose errors are products of factors, those of loss interacting."""
    rows = []
    for name, variant in VARIANTS.items():
        for kind in ("paper", "joint"):
            sees = variant.changes.sees or {"paper": "spin", "joint": "tilt"}[kind]
            learns = variant.changes.learns or {"paper": "squared", "joint": "logarithmic"}[kind]
            error = 8.0
            error /= factors["architecture"] if kind == "joint" else 1
            error /= factors["input"] if sees == "tilt" else 1
            error /= factors["loss"] if learns == "logarithmic" else 1
            row = {"variant": name, "networks": kind}
            row |= {f"{score}_{symbol}": error for symbol in SYMBOLS.values() for score in SCORES}
            rows.append(row)
    return pd.DataFrame(rows)


SCORES = ("mape", "noisy")


def test_factors_that_do_not_interact_are_found():
    factors = {"architecture": 2.0, "input": 0.5, "loss": 4.0}
    table = split_gain(errors_by(factors))
    assert len(table) == 2 * 3
    for step, factor in factors.items():
        assert table[step].tolist() == pytest.approx([factor] * 6)
    assert table["gain"].tolist() == pytest.approx([4.0] * 6)


def test_a_gain_of_two_steps_together_is_shared():
    table = errors_by({"architecture": 1.0, "input": 1.0, "loss": 1.0})
    both = (table["variant"] == "run") & (table["networks"] == "joint")
    both |= table["variant"].isin(["paper_tilt_logarithmic"])
    table.loc[both, "mape_J"] = 2.0
    row = split_gain(table).set_index(["trained", "parameter"]).loc[("clean", "J")]
    assert row["input"] == row["loss"] == pytest.approx(2.0)
    assert row["architecture"] == pytest.approx(1.0)


def test_rows_are_the_errors_on_the_test_part_without_and_with_noise(monkeypatch):
    """An estimator that is wrong by 10 %, and by as much more as pixels leave [-1, 1]."""
    samples = make_samples()
    test = split_part(samples, "test")
    true = true_parameters(test)

    def estimator(models, pixels, ranges, **changes):
        assert (set(models), pixels) == ({"joint"}, 4)
        return lambda images: 1.1 * true + true * (np.abs(packed_images.unpack(images)).max() > 1)

    monkeypatch.setattr(choices, "varied_estimator", estimator)
    table = tabulate_choices(
        samples,
        {"run": VARIANTS["run"]._replace(networks=JOINT)},
        {"run": {"joint": "joint.safetensors"}},
        ranges=RANGES,
        loss="squared",
        split=Split(0.2, 0.1),
        left_out=[],
        noise=Noise(snr_db=-10.0, level=4, seed=0),
        resampling=Resampling(50, 0),
    )
    row = table.iloc[0]
    assert (row["networks"], row["samples"]) == ("joint", 5)
    for name in SYMBOLS.values():
        found = [row[f"{score}_{name}"] for score in ("mape", "error", "noisy")]
        assert found == pytest.approx([10, 0, 110], abs=1e-6)
