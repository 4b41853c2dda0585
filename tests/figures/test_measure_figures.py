"""Figures of inference: what is drawn are the numbers of the tables."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from moirespin.analysis.coverage import PARAMETERS
from moirespin.figures import calibration, noise_limits, probe_limits, style
from moirespin.io import netcdf

COUNT = 60
STUDY = {
    "area_nm2": 4e4,
    "pixel_nm": 1.0,
    "noise_spin": 0.1,
    "noise_ut": 10.0,
    "point_spread_nm": [0.5, 2.0],
    "height_nm": [2.0, 8.0],
}


@pytest.fixture
def readings():
    generator = np.random.default_rng(0)
    table = {
        "outcome": ["read"] * (COUNT - 1) + ["refused: no period"],
        "phase": ["NCD", "MD"] * (COUNT // 2),
        "channel": ["net", "top", "both", "stray-field"] * (COUNT // 4),
        "units": ["spin"] * COUNT,
        "snr_db": np.tile([np.inf, 20.0, 0.0], COUNT // 3),
        "fm_line_distance_mev": generator.uniform(0, 0.3, COUNT),
        "p_value": generator.uniform(0, 1, COUNT),
    }
    for name, true in zip(PARAMETERS, (1.5, 3.0, 0.1), strict=True):
        table |= {name: true, f"{name}_rank": generator.uniform(0, 1, COUNT)}
        table |= {f"{name}_std": 0.12 * true, f"{name}_bound": 0.1 * true}
        table |= {f"{name}_error": 0.02 * true, f"{name}_posed_bound": 0.1 * true}
    return pd.DataFrame(table)


def drawn(figure, tmp_path):
    style.save_picture(figure, tmp_path / "figure.png")
    return (tmp_path / "figure.png").stat().st_size > 10_000


def test_calibration_shows_what_was_read(readings, tmp_path):
    readings["snr_db"] = np.linspace(-10, 40, COUNT)
    figure, table = calibration.draw(readings)
    assert drawn(figure, tmp_path)
    ranks = table[table["item"] == "ranks"].groupby("parameter")["value"].sum()
    assert (ranks == COUNT - 1).all()
    widths = table[table["item"] == "width"]
    np.testing.assert_allclose(widths["x"], 1.2)
    whole = table[(table["item"] == "holds_95") & (table["group"] == "all")]
    for name in PARAMETERS:
        rank = readings[f"{name}_rank"][:-1]
        share = np.mean(np.abs(rank - 0.5) <= 0.475)
        assert whole.set_index("parameter")["value"][name] == pytest.approx(share)


def test_calibration_without_a_reading_says_so(readings, tmp_path):
    readings["outcome"] = "ferromagnet"
    figure, table = calibration.draw(readings)
    assert drawn(figure, tmp_path) and len(table) == 1


def test_noise_figure_holds_medians_of_all_estimates(readings, tmp_path):
    true = np.tile([1.5, 3.0, 0.1], (8, 1))
    dims = {"parameter": list(netcdf.PARAMETERS)}
    networks = xr.Dataset(
        {
            "true": (("sample", "parameter"), true),
            "predicted": (("snr", "sample", "parameter"), np.stack([true * 1.1, true * 1.5])),
        },
        dims | {"snr": [20.0, 0.0]},
    )
    clean = xr.Dataset(
        {
            "true": (("sample", "parameter"), true),
            "predicted": (("sample", "parameter"), true * 1.05),
        },
        dims,
    )
    joint = pd.DataFrame({"snr_db": [np.inf, 20.0, 0.0]})
    for name, value in zip(netcdf.PARAMETERS, true[0], strict=True):
        joint[name], joint[f"{name}_predicted"] = value, value * np.array([1.01, 1.02, 1.3])
    figure, table = noise_limits.draw(networks, clean, joint, readings=readings)
    assert drawn(figure, tmp_path)
    found = table.set_index(["parameter", "item", "snr_db"])["median"]
    for name in netcdf.PARAMETERS:
        assert found[name, "paper's networks", np.inf] == pytest.approx(5)
        assert found[name, "paper's networks", 0.0] == pytest.approx(50)
        assert found[name, "joint network", 20.0] == pytest.approx(2)
        assert found[name, "inference", 20.0] == pytest.approx(2)
        assert found[name, "bound", 20.0] == pytest.approx(6.745)


def test_an_image_that_was_refused_counts_as_an_error(readings):
    readings.loc[readings["snr_db"] == 0.0, [f"{name}_error" for name in PARAMETERS]] = np.nan
    table = noise_limits._of_inference(readings, "exchange")
    assert table.set_index("snr_db")["median"].to_dict() == pytest.approx(
        {np.inf: 2.0, 20.0: 2.0, 0.0: 100.0}
    )


def test_probe_figure_holds_medians_over_states(tmp_path):
    rows = []
    for varied, values in (
        ("twist_deg", (1.1, 2.0)),
        ("point_spread_nm", (0.5, 2.0)),
        ("height_nm", (2.0, 8.0)),
    ):
        for value in values:
            for state in range(5):
                bounds = {"exchange_bound": 0.01 * value * state, "anisotropy_bound": np.inf}
                about = {"varied": varied, "value": value, "phase": "NCD", "gain": "free"}
                rows.append(about | {"channel": "stray-field"} | bounds)
            # Two states of a phase are too few for a median.
            rows += [about | {"channel": "net", "phase": "MD"} | bounds] * 2
    figure, table = probe_limits.draw(pd.DataFrame(rows), study=STUDY)
    assert drawn(figure, tmp_path)
    assert set(table["phase"]) == {"NCD"}
    exchange = table[table["bound"] == "exchange_bound"]
    np.testing.assert_allclose(exchange["percent"], 2 * exchange["value"])
