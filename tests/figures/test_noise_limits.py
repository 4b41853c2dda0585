"""Limits of noise: medians of the errors, a refused image among them."""

import numpy as np
import pytest
import xarray as xr

from drawn import is_drawn
from moirespin.analysis.coverage import PARAMETERS
from moirespin.figures import noise_limits
from moirespin.io import netcdf


def test_noise_figure_holds_medians_of_all_estimates(readings, tmp_path):
    true = np.tile([1.5, 3.0, 0.1], (8, 1))
    dims = {"parameter": list(netcdf.PARAMETERS)}
    noise = [20.0, 0.0]

    def noisy(*errors):
        predicted = np.stack([true * (1 + error) for error in errors])
        data = {"true": (("sample", "parameter"), true)}
        data |= {"predicted": (("snr", "sample", "parameter"), predicted)}
        return xr.Dataset(data, dims | {"snr": noise})

    def clean(error):
        return noisy(error, error).isel(snr=0, drop=True)

    figure, table = noise_limits.draw(
        paper=noisy(0.1, 0.5),
        paper_clean=clean(0.05),
        joint=noisy(0.02, 0.3),
        joint_clean=clean(0.01),
        readings=readings,
    )
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
