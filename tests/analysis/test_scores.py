"""Metrics, scores, profiles, principal axes, noise and tables against hand-made data."""

import numpy as np
import pytest
import xarray as xr

import mocks
from moirespin.analysis.paper_comparison import (
    PUBLISHED,
    Resampling,
    compare_with_paper,
    estimation_errors,
    lowest_snr,
    mean_of,
    phase_shares,
    regression_summary,
)
from moirespin.analysis.scores import (
    error_pca,
    magnetization_errors,
    profile_generator,
    profile_regression,
    score_generator,
    score_regression,
)
from moirespin.io import netcdf, packed_images
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import PROFILES, REGRESSION_SCORES
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES
from moirespin.learning.prediction import score_snr
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(1.0, 4.0), exchange=(1.0, 10.0), anisotropy=(0.0, 0.3))
WINDOW = {
    "exchange_mev": 2.0,
    "anisotropy_mev": 0.2,
    "exchange_half_width_mev": 0.5,
    "anisotropy_half_width_mev": 0.05,
}
RESAMPLING = Resampling(samples=200, seed=0)


def make_lines(domain_line=4.0):
    """Return boundaries that are planes: D = 0.15 meV and J = `domain_line` meV."""
    lines = mocks.dataset(PHASE_LINES, twist=3, exchange_point=4, anisotropy_point=2)
    lines["twist_angle"][:], lines["line_exchange"][:] = [1, 2, 4], [1, 4, 7, 10]
    lines["line_anisotropy"][:] = [0, 0.3]
    lines["fm_line"][:], lines["domain_line"][:] = 0.15, domain_line
    return lines


def draw_box(count, seed=0):
    lower, upper = np.transpose(RANGES)
    return np.random.default_rng(seed).uniform(lower, upper, (count, 3))


def set_parameters(samples, values):
    """Write `values` (sample, parameter) into the coordinates of a dataset."""
    columns = dict(zip(netcdf.PARAMETERS, values.T, strict=True))
    return samples.assign_coords(
        {name: samples[name].copy(data=column) for name, column in columns.items()}
    )


@pytest.fixture
def predictions():
    drawn = mocks.dataset(PARAMETER_PREDICTIONS, sample=200)
    true = draw_box(200)
    drawn["true"][:] = true
    drawn["predicted"][:] = true * np.random.default_rng(1).normal(1, 0.01, true.shape)
    return set_parameters(drawn, true)


@pytest.fixture
def samples():
    drawn = mocks.dataset(DATASET, sample=500, y=2, x=2)
    return set_parameters(drawn, draw_box(500, seed=2))


@pytest.fixture
def regression_scores(predictions):
    return score_regression(predictions, make_lines(), RANGES)


@pytest.fixture
def generator_scores():
    drawn = mocks.dataset(IMAGE_PREDICTIONS, sample=80, y=5, x=5)
    drawn = set_parameters(drawn, draw_box(80))
    drawn["phase"][:] = np.arange(80) % 2 + 1
    return score_generator(drawn, make_lines(), RANGES)


def test_regression_scores_keep_samples_and_measure_from_the_truth(predictions, tmp_path):
    scores = score_regression(predictions, make_lines(domain_line=np.nan), RANGES)
    netcdf.write(REGRESSION_SCORES, scores, tmp_path / "scores.nc")
    scores = netcdf.read(REGRESSION_SCORES, tmp_path / "scores.nc")
    np.testing.assert_array_equal(scores["set_number"], predictions["set_number"])
    anisotropy = predictions["true"].sel(parameter="anisotropy")
    np.testing.assert_allclose(
        scores["distance"].sel(boundary="FM-NCD"), np.abs(anisotropy - 0.15) / 0.3
    )
    assert scores["distance"].sel(boundary="NCD-MD").isnull().all()


def test_generator_scores_by_hand():
    predictions = mocks.dataset(IMAGE_PREDICTIONS, sample=1, y=2, x=2)
    predictions["true"][:] = [[[[1, 1], [1, 1]], [[-1, 1], [0, 1]]]]
    predictions["predicted"][:] = [[[[1, 1], [1, 0]], [[-1, 0], [1, 1]]]]
    scores = score_generator(predictions, make_lines(), RANGES)
    np.testing.assert_allclose(scores["mae"], [[0.25, 0.5]])
    np.testing.assert_allclose(scores["true_magnetization"], [[1, 0.25]])
    np.testing.assert_allclose(scores["predicted_magnetization"], [[0.75, 0.25]])
    absolute, relative = magnetization_errors(scores)
    np.testing.assert_allclose([absolute, relative], [[0.125], [12.5]])


def test_layer_without_magnetisation_has_no_relative_error(generator_scores):
    scores = generator_scores.isel(sample=slice(2))
    scores["true_magnetization"][:] = [[0.5, 0.001], [0.0, 0.0]]
    scores["predicted_magnetization"][:] = [[0.4, 0.4], [0.1, 0.1]]
    absolute, relative = magnetization_errors(scores)
    np.testing.assert_allclose(absolute, [0.2495, 0.1])
    np.testing.assert_allclose(relative, [20, np.nan])


@pytest.mark.parametrize("seed", range(3))
def test_pca_recovers_a_planted_axis_and_its_share(regression_scores, seed):
    generator = np.random.default_rng(seed)
    axes = np.linalg.qr(generator.normal(size=(3, 3)))[0].T
    whitened = generator.normal(size=(200, 3))
    whitened -= whitened.mean(axis=0)
    whitened = whitened @ np.linalg.inv(np.linalg.cholesky(np.cov(whitened.T))).T
    regression_scores["error"][:] = 5 + whitened * np.sqrt([7, 2, 1]) @ axes
    pca = error_pca(regression_scores, bootstrap_samples=200, seed=0)
    np.testing.assert_allclose(pca["variance_ratio"], [0.7, 0.2, 0.1], atol=1e-10)
    overlaps = np.sum(pca["component"].values * axes, axis=1)
    np.testing.assert_allclose(np.abs(overlaps), 1)
    components = pca["component"].values
    assert np.all(components.max(axis=1) == np.abs(components).max(axis=1))
    np.testing.assert_allclose(pca["covariance"], axes.T @ np.diag([7, 2, 1]) @ axes, atol=1e-10)
    assert pca["ratio_lower"][0] < 0.7 < pca["ratio_upper"][0]
    # Asymptotic standard deviation of the first ratio: sqrt(2 / n) times the norm of
    # (l1 (1 - r1), -r1 l2, -r1 l3) / sum(l).
    deviation = np.sqrt(2 / 200) * np.linalg.norm([0.7 * 0.3, 0.7 * 0.2, 0.7 * 0.1])
    width = float(pca["ratio_upper"][0] - pca["ratio_lower"][0])
    assert 0.7 < width / (2 * 1.96 * deviation) < 1.4


def test_pca_of_a_single_twist_angle_has_no_variance_along_it(regression_scores):
    regression_scores["error"][:, 0] = 0
    pca = error_pca(regression_scores, bootstrap_samples=20, seed=0)
    np.testing.assert_allclose(pca["variance_ratio"][2], 0, atol=1e-12)
    np.testing.assert_allclose(pca["component"][2], [1, 0, 0], atol=1e-12)


def test_pca_of_the_fewest_samples(regression_scores):
    pca = error_pca(regression_scores.isel(sample=slice(4)), bootstrap_samples=500, seed=0)
    assert np.isfinite(pca["ratio_lower"]).all()
    with pytest.raises(ValueError, match=r"^the test set has 3 samples: .* at least 4$"):
        error_pca(regression_scores.isel(sample=slice(3)), bootstrap_samples=10, seed=0)


def test_profiles_count_every_sample_once(regression_scores, samples, tmp_path):
    profiles = profile_regression(regression_scores, samples, 8, RANGES)
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
    profiles = profile_regression(regression_scores, samples, 3, RANGES)
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
    profiles = profile_regression(set_parameters(scores, corners), samples, 5, RANGES)
    for name in netcdf.PARAMETERS:
        np.testing.assert_array_equal(profiles["count"].sel(axis=name), [1, 0, 0, 0, 1])
    assert profiles["standard_error"].sel(axis="exchange").isnull().all()
    assert profiles["mean"].sel(axis="exchange").isel(bin=[1, 2, 3]).isnull().all()


def test_profile_of_a_single_twist_angle_and_without_a_boundary(predictions, samples):
    ranges = RANGES._replace(twist_angle=(2.0, 2.0))
    predictions = predictions.assign_coords(twist_angle=predictions["twist_angle"] * 0 + 2.0)
    predictions["twist_angle"].attrs["units"] = "degree"
    scores = score_regression(predictions, make_lines(domain_line=np.nan), ranges)
    profiles = profile_regression(scores, samples, 4, ranges)
    np.testing.assert_array_equal(profiles["count"].sel(axis="twist_angle"), [200, 0, 0, 0])
    np.testing.assert_array_equal(profiles["count"].sel(axis="NCD-MD"), 0)
    assert profiles["mean"].sel(axis="NCD-MD").isnull().all()
    assert profiles["upper"].sel(axis="NCD-MD").isnull().all()


def test_generator_profile_separates_the_phases(generator_scores, samples):
    profiles = profile_generator(generator_scores, samples, 1, RANGES).isel(bin=0, axis=0)
    image_mae = generator_scores["mae"].mean("layer")
    for quantity, code in (("image_mae_ncd", 1), ("image_mae_md", 2)):
        expected = image_mae[generator_scores["phase"] == code].mean()
        np.testing.assert_allclose(profiles["mean"].sel(quantity=quantity), expected)
    np.testing.assert_allclose(profiles["mean"].sel(quantity="image_mae"), image_mae.mean())
    absolute, relative = magnetization_errors(generator_scores)
    for quantity, values in (("magnetization_mae", absolute), ("magnetization_mape", relative)):
        expected = np.nanmean(values)
        np.testing.assert_allclose(profiles["mean"].sel(quantity=quantity), expected)


def test_mean_of_leaves_out_nan_and_knows_no_samples():
    value, _, samples = mean_of(np.array([1.0, np.nan, 3.0]), RESAMPLING)
    assert (value, samples) == (2.0, 2)
    assert mean_of(np.array([]), RESAMPLING).samples == 0
    value, error, _ = mean_of(np.array([4.0]), RESAMPLING)
    assert value == 4 and np.isnan(error)


def test_bootstrap_error_is_the_standard_error_of_the_mean():
    values = np.random.default_rng(0).exponential(size=400)
    expected = values.std(ddof=1) / np.sqrt(400)
    found = mean_of(values, Resampling(samples=2000, seed=3))
    assert found.error == pytest.approx(expected, rel=0.06)
    assert found == mean_of(values, Resampling(samples=2000, seed=3))


def test_phase_shares_by_hand():
    diagram = mocks.dataset(PHASE_DIAGRAM, set=6, start=2)
    diagram["twist_index"][:] = [8, 8, 8, 9, 9, 9]
    diagram["phase"][:] = [0, 1, 1, 2, 0, netcdf.UNDETERMINED]
    diagram["converged"][:] = [1, 1, 0, 1, 1, 0]
    shares = phase_shares(diagram).set_index("twist_index")
    counts = shares[["sets", "fm", "ncd", "md", "undetermined", "not_converged"]]
    assert counts.loc[8].tolist() == [3, 1, 2, 0, 0, 1]
    assert counts.loc[9].tolist() == [3, 1, 0, 1, 1, 1]
    assert counts.loc["all"].tolist() == [6, 2, 2, 1, 1, 2]
    names = ["fm_share", "ncd_share", "md_share", "undetermined_share"]
    np.testing.assert_allclose(shares.loc["all", names].astype(float), [2 / 6, 2 / 6, 1 / 6, 1 / 6])


@pytest.fixture
def summary(regression_scores):
    pca = error_pca(regression_scores, bootstrap_samples=50, seed=0)
    return regression_summary(regression_scores, pca, WINDOW, RESAMPLING)


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
    axis = rows.loc[[f"pc1_{name}" for name in netcdf.PARAMETERS], "value"]
    np.testing.assert_allclose(np.sum(axis**2), 1)


def test_comparison_has_every_published_number(
    regression_scores, generator_scores, predictions, samples, summary
):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=8, start=2)
    diagram["phase"][:] = [0, 0, 1, 1, 1, 2, 2, 2]
    true = regression_scores["true"].values
    snr = score_snr(true, [true * 1.5, true * 1.02, true * 1.01], [-10.0, 30.0, 40.0])
    better = predictions.assign(predicted=predictions["true"] * 1.02)
    table = compare_with_paper(
        diagram,
        samples,
        summary,
        estimation_errors(better, WINDOW, RESAMPLING),
        snr,
        generator_scores,
        RESAMPLING,
    )
    columns = ["quantity", "paper", "ours", "error", "samples", "joint", "joint_error", "reason"]
    assert table.columns.tolist() == columns
    rows = table.set_index("quantity")
    assert rows.index.tolist() == [row.quantity for row in PUBLISHED]
    assert rows["ours"].notna().all()
    assert rows.loc["FM sets (%)", "ours"] == 25.0
    assert rows.loc["training samples", "ours"] + rows.loc["test samples", "ours"] == 500
    noisy = rows.loc["MAPE of theta at the strongest noise (%)"]
    np.testing.assert_allclose(noisy["ours"], 50)
    assert rows.loc["lowest SNR down to which MAPE of theta is <= 5 % (dB)", "ours"] == 30
    assert noisy["reason"].startswith("at -10 dB")
    np.testing.assert_allclose(rows["joint"].dropna(), 2)
    assert rows["joint"].notna().sum() == 6
    learnt = rows["reason"].str.contains("training samples of 1 x 1 pixels")
    assert learnt["MAPE of J (%)"] and not learnt["FM sets (%)"]


def test_images_of_the_dataset_are_never_loaded(
    regression_scores, generator_scores, samples, tmp_path
):
    netcdf.write(DATASET, samples, tmp_path / "dataset.nc")
    with xr.open_dataset(tmp_path / "dataset.nc", engine="netcdf4") as opened:
        profile_regression(regression_scores, opened, 4, RANGES)
        profile_generator(generator_scores, opened, 4, RANGES)
        assert not opened["image"].variable._in_memory


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_generator_scores_of_a_file_do_not_depend_on_the_batch(batch, tmp_path, monkeypatch):
    predictions = mocks.dataset(IMAGE_PREDICTIONS, sample=5, y=4, x=4)
    netcdf.write(IMAGE_PREDICTIONS, predictions, tmp_path / "images.nc")
    monkeypatch.setattr(packed_images, "BATCH", batch)
    with packed_images.opened(IMAGE_PREDICTIONS, tmp_path / "images.nc") as stored:
        scores = score_generator(stored, make_lines(), RANGES)
        assert not stored["true"].variable._in_memory
    expected = np.abs(predictions["predicted"] - predictions["true"]).mean(("y", "x"))
    np.testing.assert_allclose(scores["mae"], expected, atol=3e-5)


@pytest.mark.parametrize(
    ("mape", "lowest"), [([9, 4, 3], 20), ([1, 9, 3], 40), ([1, 2, 3], -5), ([9, 9, 9], np.nan)]
)
def test_lowest_snr_has_no_worse_level_above(mape, lowest):
    true = np.ones((2, 3))
    predicted = [true * (1 + percent / 100) for percent in mape]
    assert lowest_snr(score_snr(true, predicted, [-5.0, 20.0, 40.0])) == pytest.approx(
        lowest, nan_ok=True
    )
