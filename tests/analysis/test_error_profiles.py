"""Profiles of errors: every sample is counted once, in the bin where it lies."""

import numpy as np
import xarray as xr

from moirespin.analysis.error_profiles import profile_generator, profile_regression
from moirespin.analysis.scores import magnetization_errors, score_regression
from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import PROFILES
from small_scores import RANGES, make_lines, set_parameters


def test_profiles_count_every_sample_once(regression_scores, samples, tmp_path):
    profiles = profile_regression(regression_scores, samples, bins=8, ranges=RANGES)
    netcdf.write(PROFILES, profiles, tmp_path / "profiles.nc")
    profiles = netcdf.read(PROFILES, tmp_path / "profiles.nc")
    np.testing.assert_array_equal(profiles["count"].sum("bin"), 200)
    training = np.sum(samples["split"].values != netcdf.SPLITS.index("test"))
    parameters = list(netcdf.PARAMETERS)
    np.testing.assert_array_equal(
        profiles["training_count"].sel(axis=parameters).sum("bin"), training
    )
    assert np.all(profiles["training_count"].sel(axis=list(netcdf.BOUNDARIES)) == -1)
    weighted = (profiles["mean"].fillna(0) * profiles["count"]).sum("bin") / 200
    for name in parameters:
        error = regression_scores["error"].sel(parameter=name)
        np.testing.assert_allclose(weighted.sel(quantity=f"mae_{name}"), np.abs(error).mean())


def test_profile_of_one_bin_by_hand(regression_scores, samples):
    profiles = profile_regression(regression_scores, samples, bins=3, ranges=RANGES)
    last = profiles.sel(axis="exchange", quantity="mape_exchange").isel(bin=2)
    inside = regression_scores["exchange"].values >= 7
    values = regression_scores["percentage_error"].sel(parameter="exchange").values[inside]
    np.testing.assert_allclose([last["lower"], last["upper"]], [7, 10])
    np.testing.assert_allclose(last["mean"], values.mean())
    np.testing.assert_allclose(last["standard_error"], values.std(ddof=1) / np.sqrt(len(values)))
    assert last["count"] == len(values)


def test_samples_on_the_edges_of_the_box_are_counted(regression_scores, samples):
    scores = regression_scores.isel(sample=slice(2))
    corners = np.transpose(RANGES)
    profiles = profile_regression(set_parameters(scores, corners), samples, bins=5, ranges=RANGES)
    for name in netcdf.PARAMETERS:
        np.testing.assert_array_equal(profiles["count"].sel(axis=name), [1, 0, 0, 0, 1])
    assert profiles["standard_error"].sel(axis="exchange").isnull().all()
    assert profiles["mean"].sel(axis="exchange").isel(bin=[1, 2, 3]).isnull().all()


def test_profile_of_a_single_twist_angle_and_without_a_boundary(predictions, samples):
    ranges = RANGES._replace(twist_angle=(2.0, 2.0))
    predictions = predictions.assign_coords(twist_angle=predictions["twist_angle"] * 0 + 2.0)
    predictions["twist_angle"].attrs["units"] = "degree"
    scores = score_regression(predictions, make_lines(domain_line=np.nan), ranges)
    profiles = profile_regression(scores, samples, bins=4, ranges=ranges)
    np.testing.assert_array_equal(profiles["count"].sel(axis="twist_angle"), [200, 0, 0, 0])
    np.testing.assert_array_equal(profiles["count"].sel(axis="NCD-MD"), 0)
    assert profiles["mean"].sel(axis="NCD-MD").isnull().all()
    assert profiles["upper"].sel(axis="NCD-MD").isnull().all()


def test_generator_profile_separates_the_phases(generator_scores, samples):
    profiles = profile_generator(generator_scores, samples, bins=1, ranges=RANGES).isel(
        bin=0, axis=0
    )
    image_mae = generator_scores["mae"].mean("layer")
    for quantity, code in (("image_mae_ncd", 1), ("image_mae_md", 2)):
        expected = image_mae[generator_scores["phase"] == code].mean()
        np.testing.assert_allclose(profiles["mean"].sel(quantity=quantity), expected)
    np.testing.assert_allclose(profiles["mean"].sel(quantity="image_mae"), image_mae.mean())
    absolute, relative = magnetization_errors(generator_scores)
    for quantity, values in (("magnetization_mae", absolute), ("magnetization_mape", relative)):
        expected = np.nanmean(values)
        np.testing.assert_allclose(profiles["mean"].sel(quantity=quantity), expected)


def test_images_of_the_dataset_are_never_loaded(
    regression_scores, generator_scores, samples, tmp_path
):
    netcdf.write(DATASET, samples, tmp_path / "dataset.nc")
    with xr.open_dataset(tmp_path / "dataset.nc", engine="netcdf4") as opened:
        profile_regression(regression_scores, opened, bins=4, ranges=RANGES)
        profile_generator(generator_scores, opened, bins=4, ranges=RANGES)
        assert not opened["image"].variable._in_memory
