"""The summary of the estimates by hand."""

import numpy as np

from moirespin.io import netcdf


def test_regression_summary(regression_scores, summary):
    rows = summary.set_index("quantity")
    error = regression_scores["percentage_error"]
    true = regression_scores["true"]
    np.testing.assert_allclose(
        rows.loc["mape_exchange", "value"], error.sel(parameter="exchange").mean()
    )
    near = (np.abs(true.sel(parameter="exchange") - 2.0) <= 0.5) & (
        np.abs(true.sel(parameter="anisotropy") - 0.2) <= 0.05
    )
    small = true.sel(parameter="twist_angle") < 1.5
    assert rows.loc["mape_anisotropy_cri3", "samples"] == near.sum() > 0
    assert rows.loc["mape_twist_angle_small", "samples"] == small.sum() > 0
    np.testing.assert_allclose(
        rows.loc["mape_anisotropy_cri3", "value"],
        error.sel(parameter="anisotropy")[near].mean(),
    )
    # Bins of 0.9 meV from 1 meV and of 0.03 meV from 0: 2.0 and 0.2 meV lie in these.
    of_bin = (true.sel(parameter="exchange") >= 1.9) & (true.sel(parameter="exchange") < 2.8)
    np.testing.assert_allclose(
        rows.loc["mape_exchange_cri3_bin", "value"], error.sel(parameter="exchange")[of_bin].mean()
    )
    of_bin = (true.sel(parameter="anisotropy") >= 0.18) & (true.sel(parameter="anisotropy") < 0.21)
    assert rows.loc["mape_anisotropy_cri3_bin", "samples"] == of_bin.sum() > 0
    axis = rows.loc[[f"pc1_{name}" for name in netcdf.PARAMETERS], "value"]
    np.testing.assert_allclose(np.sum(axis**2), 1)
