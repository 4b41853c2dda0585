"""The sample curve on request: computed for real from the tiny run, and what a change reruns."""

import json

import pandas as pd
import pytest

from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET
from moirespin.io.schemas.scores import GENERATOR_SCORES

pytestmark = pytest.mark.workflow

FIGURE = "results/test/figures/fig_beyond_samples.png"


def test_sample_curve_joins_the_networks_of_the_run(rerun, snakemake, planned):
    one = {"sample_curve": {"fractions": [0.5]}}
    answer = snakemake(rerun, FIGURE, changes=one)
    assert answer.returncode == 0, answer.stdout
    results = rerun / "results/test"
    curve = pd.read_csv(results / "tables/sample_curve.csv")
    split = netcdf.read(DATASET, results / "dataset.nc")["split"].values
    counts = [int((split == code).sum()) for code in (0, 1)]
    expected = [sum(round(share * count) for count in counts) for share in (0.5, 1)]
    assert curve["training_samples"].tolist() == expected
    assert curve["parameter"].unique().tolist() == ["exchange"]
    about = json.loads((results / "sample_curve/exchange_0.json").read_text())
    assert about["samples"]["train"] == round(counts[0] / 2)
    # The network of all samples has the errors that the comparison with the paper gives it.
    regression = pd.read_csv(results / "tables/regression.csv").set_index("quantity")
    columns = ["mape", "error", "samples"]
    whole = regression.loc["mape_exchange"].rename({"value": "mape"})
    assert curve.iloc[-1][columns].tolist() == pytest.approx(whole[columns].tolist(), rel=1e-4)
    drawn = pd.read_csv(results / "figures/fig_beyond_samples.csv")
    images = pd.read_csv(results / "tables/image_curve.csv")
    assert sorted(images["training_samples"].unique()) == expected
    # The generators of all samples have the errors of the scores of the run.
    for name, file in (("paper's generator", "generator"), ("texture model", "textures")):
        scores = netcdf.read(GENERATOR_SCORES, results / f"scores/{file}.nc")
        own = images[(images["generator"] == name) & (images["training_samples"] == expected[-1])]
        for row in own.itertuples():
            chosen = scores["phase"].values == netcdf.PHASES.index(row.phase)
            mean = scores["mae"].values[chosen].mean()
            assert row.mean_error == pytest.approx(mean, rel=1e-4, abs=1e-7)
    about = json.loads((results / "sample_curve/textures_0.json").read_text())
    whole = json.loads((results / "models/textures.json").read_text())
    assert about["training_sets"] < whole["training_sets"]
    counts = drawn["item"].value_counts().to_dict()
    assert counts == {"run": 2, "joint": 1, "paper": 1, "images": len(images)}

    jobs = planned(rerun, FIGURE, changes={"sample_curve": {"fractions": [0.5, 0.75]}})
    trained = {"train_fraction", "train_generator_fraction", "train_textures_fraction"}
    assert set(jobs) == trained | {"sample_curve", "image_curve", "fig_beyond_samples"}
    (outputs,) = jobs["train_fraction"]
    assert outputs.startswith("results/test/sample_curve/exchange_1.safetensors")


def test_the_spread_has_the_networks_of_the_run_and_those_trained_again(rerun, planned):
    table = "results/test/tables/training_spread.csv"
    jobs = planned(rerun, table, changes={"trainings": {"count": 3}})
    assert set(jobs) == {"train_again", "training_spread"}
    assert len(jobs["train_again"]) == 4 * 2
