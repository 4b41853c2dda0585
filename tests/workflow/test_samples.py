"""The sample curve on request: computed for real from the tiny run, and what a change reruns."""

import json

import pandas as pd
import pytest

from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET

pytestmark = pytest.mark.workflow

FIGURE = "results/test/figures/fig_beyond_samples.png"


def test_sample_curve_joins_the_networks_of_the_run(rerun, snakemake, planned):
    answer = snakemake(rerun, FIGURE)
    assert answer.returncode == 0, answer.stdout
    results = rerun / "results/test"
    curve = pd.read_csv(results / "tables/sample_curve.csv")
    split = netcdf.read(DATASET, results / "dataset.nc")["split"].values
    counts = [int((split == code).sum()) for code in (0, 1)]
    expected = [sum(round(share * count) for count in counts) for share in (0.25, 0.5, 1)]
    assert curve["training_samples"].tolist() == expected
    assert curve["parameter"].unique().tolist() == ["exchange"]
    about = json.loads((results / "sample_curve/exchange_1.json").read_text())
    assert about["samples"]["train"] == round(counts[0] / 2)
    # The network of all samples has the errors that the comparison with the paper gives it.
    regression = pd.read_csv(results / "tables/regression.csv").set_index("quantity")
    columns = ["mape", "error", "samples"]
    whole = regression.loc["mape_exchange"].rename({"value": "mape"})
    assert curve.iloc[-1][columns].tolist() == pytest.approx(whole[columns].tolist(), rel=1e-4)
    drawn = pd.read_csv(results / "figures/fig_beyond_samples.csv")
    assert drawn["item"].value_counts().to_dict() == {"run": 3, "fit": 3, "joint": 1, "paper": 1}

    fractions = {"sample_curve": {"fractions": [0.25, 0.5, 0.75]}}
    jobs = planned(rerun, FIGURE, changes=fractions)
    assert set(jobs) == {"train_fraction", "sample_curve", "fig_beyond_samples"}
    (outputs,) = jobs["train_fraction"]
    assert outputs.startswith("results/test/sample_curve/exchange_2.safetensors")


def test_the_spread_has_the_networks_of_the_run_and_those_trained_again(rerun, planned):
    table = "results/test/tables/training_spread.csv"
    jobs = planned(rerun, table, changes={"trainings": {"count": 3}})
    assert set(jobs) == {"train_again", "training_spread"}
    assert len(jobs["train_again"]) == 4 * 2
