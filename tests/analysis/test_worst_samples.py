"""The worst samples: neighbours and causes by hand, lists in order, a figure of what is listed."""

import numpy as np
import pandas as pd
import pytest

import mocks
from moirespin.analysis.worst_samples import (
    describe,
    find_causes,
    list_worst,
    measure_errors,
    summarise_causes,
)
from moirespin.figures import worst_samples as figure_worst
from moirespin.io import packed_images
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.scores import GENERATOR_SCORES, REGRESSION_SCORES
from moirespin.io.schemas.states import PHASE_DIAGRAM
from moirespin.states.parameter_space import Ranges

RANGES = Ranges(twist_angle=(0.0, 1.0), exchange=(0.0, 10.0), anisotropy=(0.0, 0.5))
NAMES = ("twist_index", "set_number")


@pytest.fixture
def samples():
    """Six training samples on a line in J, one for validation, and three test samples."""
    drawn = mocks.dataset(DATASET, sample=10, x=4, y=4)
    drawn["split"][:] = [0] * 6 + [1] + [2] * 3
    drawn["twist_index"][:], drawn["set_number"][:] = 8, np.arange(10)
    drawn["twist_angle"][:], drawn["anisotropy"][:] = 0.5, 0.25
    drawn["exchange"][:] = [1, 2, 3, 4, 5, 6, 9, 1.1, 3.1, 9]
    drawn["phase"][:] = [2, 2, 2, 1, 1, 1, 1, 2, 1, 1]
    images = np.broadcast_to(np.linspace(-1, 1, 4), (10, 2, 4, 4)).copy()
    images[7] = 1  # no contrast
    images[9] *= 0.5
    drawn["image"] = drawn["image"].copy(data=packed_images.pack(images.astype(np.float32)))
    return drawn


@pytest.fixture
def described(samples):
    return describe(samples, RANGES)


def test_neighbours_are_the_nearest_training_samples(described):
    assert described["set_number"].tolist() == [7, 8, 9]
    # Not the sample of the validation part, which lies on the last one.
    assert described["neighbour_row"].tolist() == [0, 2, 5]
    assert described["neighbour_phase"].tolist() == ["MD", "MD", "NCD"]
    np.testing.assert_allclose(described["neighbour_distance"], [1, 1, 30])
    deviation = np.linspace(-1, 1, 4).std()
    np.testing.assert_allclose(described["contrast"], [0, deviation, deviation / 2], atol=1e-4)


@pytest.mark.parametrize("batch", [1, 2])
def test_batches_change_nothing(batch, samples, described, monkeypatch):
    monkeypatch.setattr(packed_images, "BATCH", batch)
    pd.testing.assert_frame_equal(describe(samples, RANGES), described)


def test_causes_by_hand(described):
    causes = find_causes(described, RANGES)
    found = [causes.columns[row].tolist() for row in causes.to_numpy()]
    assert found[0] == ["hardly any contrast", "image changes fast"]
    assert found[1] == ["next to another phase"]
    assert found[2] == ["few training samples near"]


@pytest.fixture
def errors(described):
    regression = mocks.dataset(REGRESSION_SCORES, sample=3)
    joint = mocks.dataset(PARAMETER_PREDICTIONS, sample=3)
    generator = mocks.dataset(GENERATOR_SCORES, sample=3)
    for scores in (regression, joint, generator):
        for name in NAMES:
            scores[name][:] = described[name]
    regression["percentage_error"][:] = [[1, 5, 2], [3, 4, 9], [2, 6, 1]]
    joint["predicted"][:] = joint["true"] * 1.02
    generator["mae"][:] = [[0.1, 0.3], [0.0, 0.0], [0.1, 0.1]]
    return measure_errors(regression, joint, generator)


def test_lists_are_in_the_order_of_the_errors(described, errors):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=12, start=3)
    diagram["twist_index"][:], diagram["set_number"][:] = 8, np.arange(12)
    causes = find_causes(described, RANGES)
    listed = list_worst(described, errors, causes, phase_diagram=diagram, count=2)
    assert listed["task"].tolist() == ["theta"] * 2 + ["J"] * 2 + ["D"] * 2 + ["images"] * 2
    assert listed["set_number"].tolist() == [8, 9, 9, 7, 8, 7, 7, 9]
    np.testing.assert_allclose(listed["error"], [3, 2, 6, 5, 9, 2, 0.2, 0.1])
    np.testing.assert_allclose(listed["joint_error"][:6], 2)
    assert listed["joint_error"][6:].isna().all()
    expected = diagram["max_torque"].values[listed["set_number"]]
    np.testing.assert_allclose(listed["max_torque_mev"], expected)
    assert listed["causes"][0] == "next to another phase"
    summary = summarise_causes(errors, causes).set_index("cause")
    np.testing.assert_allclose(summary.loc["hardly any contrast", "share_of_all"], 100 / 3)
    assert summary.loc["hardly any contrast", "share_of_worst_images"] == 100
    assert summary.loc["hardly any contrast", "mean_error_J"] == 5
    assert summary.loc["none of those named", "share_of_all"] == 0


def test_other_samples_are_refused(described):
    scores = [
        mocks.dataset(schema, seed=seed, sample=3)
        for seed, schema in enumerate((REGRESSION_SCORES, PARAMETER_PREDICTIONS, GENERATOR_SCORES))
    ]
    with pytest.raises(ValueError, match="other samples"):
        measure_errors(*scores)


def test_figure_shows_the_listed_images(samples, described, errors):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=12, start=3)
    diagram["twist_index"][:], diagram["set_number"][:] = 8, np.arange(12)
    listed = list_worst(
        described, errors, find_causes(described, RANGES), phase_diagram=diagram, count=2
    )
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=3, x=4, y=4)
    for name in NAMES:
        images[name][:] = described[name]
    for name in ("true", "predicted"):
        images[name] = images[name].copy(data=packed_images.pack(images[name].values.astype("f4")))
    figure, table = figure_worst.draw(listed, samples, images)
    assert table["set_number"].tolist() == listed["set_number"].tolist()
    pictures = [axes.images[0].get_array() for axes in figure.get_axes() if axes.images]
    assert len(pictures) == 16
    # The worst estimate of theta is sample 8, its nearest training sample row 2.
    for picture, row in zip(pictures[:2], (8, 2), strict=True):
        spin_z = packed_images.unpack(samples["image"].values[row, 0])
        np.testing.assert_allclose(picture, np.maximum(1 - spin_z, figure_worst.DEPARTURE_ENDS[0]))
