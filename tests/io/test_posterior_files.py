"""Posteriors as files: the group that ArviZ reads, and tables of numbers."""

import numpy as np
import xarray as xr

from moirespin.io import posterior_files as files

FOUND = {
    "exchange_mev": {"mean": 3.0, "std": 0.1, "interval95": [2.8, 3.2]},
    "phase": {"NCD": 0.9, "MD": 0.1},
    "rotation_deg": 12.0,
    "noise_std": 0.05,
    "goodness_of_fit": 0.4,
    "modes": [{}, {}],
    "warnings": ["One.", "Two."],
}


def test_samples_are_one_chain_of_a_group(tmp_path):
    samples = {"exchange_mev": np.linspace(1, 2, 5), "mode": np.arange(5)}
    files.write_samples(samples, tmp_path / "posterior.nc", channel="net")
    with xr.open_dataset(tmp_path / "posterior.nc", group="posterior") as group:
        assert group["exchange_mev"].dims == ("chain", "draw")
        np.testing.assert_array_equal(group["exchange_mev"][0], samples["exchange_mev"])
        assert group["exchange_mev"].attrs["units"] == "meV"
        assert group.attrs["channel"] == "net"
        assert group.attrs["format"] == files.FORMAT


def test_summary_has_a_row_for_each_interval():
    (row,) = files.summary_table(FOUND).to_dict("records")
    assert row == {"parameter": "exchange_mev", "mean": 3, "std": 0.1, "lower95": 2.8} | {
        "upper95": 3.2
    }


def test_readings_name_the_likeliest_phase_and_all_warnings():
    known = {"name": "a", "image": "a.tif", "channel": "net", "pixel_nm": 0.8}
    table = files.tabulate_readings([{"measurement": known, "found": FOUND}])
    assert (table["phase"][0], table["phase_probability"][0]) == ("NCD", 0.9)
    assert (table["modes"][0], table["warnings"][0]) == (2, "One. Two.")
    assert table["exchange_mev_upper95"][0] == 3.2
    assert files.tabulate_readings([]).columns.tolist() == ["name"]
