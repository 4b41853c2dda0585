"""Limits of noise: medians of the errors, a refused image among them."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from drawn import is_drawn
from moirespin.analysis.coverage import PARAMETERS
from moirespin.figures import noise_limits
from moirespin.io import netcdf


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
    assert is_drawn(figure, tmp_path)
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
