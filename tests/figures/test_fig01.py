"""Figure 1: the two tasks, with a sample of the test set."""

import numpy as np
import pytest

import mocks
from drawn import find_panel, texts
from moirespin.figures import fig01, panels
from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS

FM, NCD, MD = range(3)


@pytest.fixture
def predicted():
    """Dataset, estimates and images of one run: test samples are the last four of six."""
    samples = mocks.dataset(DATASET, sample=6, y=8, x=8)
    samples = samples.assign_coords(set_number=("sample", np.arange(6)))
    samples = samples.assign_coords(twist_index=("sample", [8, 8, 9, 9, 9, 9]))
    tested = samples.isel(sample=slice(2, None))
    estimates = mocks.dataset(PARAMETER_PREDICTIONS, sample=4)
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=4, y=6, x=6)
    names = {name: tested[name] for name in ("set_number", "twist_index")}
    estimates, images = estimates.assign_coords(names), images.assign_coords(names)
    percent = np.array([30.0, 10.0, 20.0, 5.0])
    estimates["predicted"] = estimates["true"] * (1 + percent[:, None] / 100)
    estimates["phase"][:] = [MD, MD, MD, NCD]
    return samples, estimates, images


def test_sample_of_figure_1_has_the_median_error_of_its_phase(predicted):
    _, estimates, _ = predicted
    assert fig01.find_example(estimates) == 2
    estimates["phase"][2] = NCD
    assert fig01.find_example(estimates) == 1
    estimates["phase"][:] = NCD
    assert fig01.find_example(estimates) == 1


@pytest.mark.parametrize("phase", [MD, NCD])
def test_figure_1_is_drawn_from_one_sample(predicted, phase):
    samples, estimates, images = predicted
    estimates["phase"][:] = phase
    number = fig01.find_example(estimates)
    figure, table = fig01.draw(samples, estimates, images)
    figure.draw_without_rendering()
    rows = table[table["item"] == "estimate"]
    np.testing.assert_array_equal(rows["true"], estimates["true"][number])
    np.testing.assert_array_equal(rows["predicted"], estimates["predicted"][number])
    assert set(rows["phase"]) == {netcdf.PHASES[phase]}
    assert set(rows["set_number"]) == {number + 2}
    sources = {
        "input": samples["image"][number + 2],
        "generated": images["predicted"][number],
        "true": images["true"][number],
    }
    for name, expected in sources.items():
        shown = table[table["item"] == name]
        np.testing.assert_array_equal(shown["spin_z"], expected.values.ravel())
        for layer in netcdf.LAYERS:
            axes = next(a for a in figure.axes if a.get_title() == f"{name}, {layer}")
            np.testing.assert_array_equal(
                axes.images[0].get_array(), expected.sel(layer=layer).values
            )
            assert axes.get_xlabel() == "x (nm)"
            assert axes.images[0].get_clim() == (-1, 1)
    written = " ".join(texts(figure))
    for value in (*rows["true"], *rows["predicted"]):
        assert f"{value:.2f}" in written or f"{value:.3f}" in written
    assert "meV" in written and "°" in written
    assert [axes.get_title("left") for axes in figure.axes if axes.get_title("left")] == [
        *("(a)", "(b)")
    ]


def test_frame_is_the_quadrant_that_the_networks_see(predicted):
    samples, estimates, images = predicted
    figure, _ = fig01.draw(samples, estimates, images)
    frame = find_panel(figure, "a").patches[-1]
    right = panels.find_edges(samples["x"].values)[1]
    assert (*frame.get_xy(), frame.get_width(), frame.get_height()) == (0, 0, right, right)


def test_files_of_different_runs_are_refused(predicted):
    samples, estimates, images = predicted
    others = samples.assign_coords(set_number=samples["set_number"] + 10)
    with pytest.raises(ValueError, match="set 4 of m = 9 is missing from a dataset file"):
        fig01.draw(others, estimates, images)
