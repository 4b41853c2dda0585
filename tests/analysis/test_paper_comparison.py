"""The table beside the paper: every number is there, with its reason."""

import numpy as np
import pytest

import mocks
from moirespin.analysis.bootstrap import Resampling
from moirespin.analysis.error_pca import error_pca
from moirespin.analysis.paper_comparison import (
    PUBLISHED,
    compare_with_paper,
    lowest_snr,
    tabulate_comparison,
)
from moirespin.analysis.regression_summary import estimation_errors
from moirespin.io.schemas.states import PHASE_DIAGRAM
from small_scores import ANOTHERS, NEAR, PAPERS, RANGES, RESAMPLING, WINDOW, score_noise


def test_comparison_has_every_published_number(
    regression_scores, generator_scores, predictions, samples, summary
):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=8, start=2)
    diagram["phase"][:] = [0, 0, 1, 1, 1, 2, 2, 2]
    true = regression_scores["true"].values
    snr = score_noise(true, [true * 1.5, true * 1.02, true * 1.01], [-10.0, 30.0, 40.0])
    better = predictions.assign(predicted=predictions["true"] * 1.02)
    table = compare_with_paper(
        phase_diagram=diagram,
        samples=samples,
        regression=summary,
        joint=estimation_errors(better, NEAR, RESAMPLING),
        snr=snr,
        generator=generator_scores,
        material=PAPERS,
        resampling=RESAMPLING,
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
    assert rows["joint"].notna().sum() == 8
    learnt = rows["reason"].str.contains("training samples of 1 x 1 pixels")
    assert learnt["MAPE of J (%)"] and not learnt["FM sets (%)"]


def test_nothing_is_said_of_cri3_for_another_material(
    regression_scores, generator_scores, predictions, samples
):
    true = regression_scores["true"].values
    table = tabulate_comparison(
        phase_diagram=mocks.dataset(PHASE_DIAGRAM, set=8, start=2),
        samples=samples,
        scores=regression_scores,
        pca=error_pca(regression_scores, Resampling(50, 0)),
        joint=predictions,
        snr=score_noise(true, [true * 1.02], [10.0]),
        generator=generator_scores,
        window=WINDOW,
        bins=10,
        ranges=RANGES,
        material=ANOTHERS,
        resampling=RESAMPLING,
    )
    assert not table["quantity"].str.contains("CrI3").any()
    assert set(table["reason"]) == {"another material than the paper's"}
    assert len(table) == len(PUBLISHED) - 4


@pytest.mark.parametrize(
    ("mape", "lowest"), [([9, 4, 3], 20), ([1, 9, 3], 40), ([1, 2, 3], -5), ([9, 9, 9], np.nan)]
)
def test_lowest_snr_has_no_worse_level_above(mape, lowest):
    true = np.ones((2, 3))
    predicted = [true * (1 + percent / 100) for percent in mape]
    assert lowest_snr(score_noise(true, predicted, [-5.0, 20.0, 40.0])) == pytest.approx(
        lowest, nan_ok=True
    )
