"""Sample curve: table and numbers of the paper are drawn, slopes are those of power laws."""

import numpy as np
import pandas as pd
import pytest

import mocks
from moirespin.figures import sample_curve as figure_of_samples
from moirespin.figures import style
from moirespin.io.schemas.images import PARAMETER_PREDICTIONS


def make_curve(parameters=("exchange", "anisotropy"), counts=(75, 300, 1200)):
    """Return a table whose errors are powers of the count: -1/2 of J, -1/4 of others."""
    rows = [
        {"parameter": name, "training_samples": count, "samples": 300, "error": 0.3}
        | {"mape": 200 * count ** (-0.5 if name == "exchange" else -0.25)}
        for name in parameters
        for count in counts
    ]
    return pd.DataFrame(rows)


def make_joint():
    """Return estimates of a joint network that are 2 % too large."""
    joint = mocks.dataset(PARAMETER_PREDICTIONS, sample=5)
    return joint.assign(predicted=1.02 * joint["true"])


def make_images():
    """Return errors of drawn images: of the texture model a tenth of the paper's generator."""
    rows = [
        {"generator": generator, "training_samples": count, "phase": phase, "samples": 30}
        | {"mean_error": scale * size / count, "error": 0.1 * scale * size / count}
        for generator, scale in (("paper's generator", 10.0), ("texture model", 1.0))
        for phase, size in (("NCD", 1.0), ("MD", 2.0))
        for count in (75, 300, 1200)
    ]
    return pd.DataFrame(rows)


def draw(curve):
    return figure_of_samples.draw(curve, make_joint(), make_images())


def labels_of(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_figure_shows_the_table_and_the_papers_numbers():
    curve = make_curve()
    figure, table = draw(curve)
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("training samples", "MAPE (%)")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    own = table[table["item"] == "run"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[list(curve)], curve, check_dtype=False)
    assert len(axes.containers) == 2
    for container, name in zip(axes.containers, ("exchange", "anisotropy"), strict=True):
        rows = curve[curve["parameter"] == name]
        points, _, (bars,) = container
        np.testing.assert_array_equal(points.get_xdata(), rows["training_samples"])
        np.testing.assert_array_equal(points.get_ydata(), rows["mape"])
        assert points.get_color() == style.PARAMETER_COLORS[name]
        lengths = [bar[1, 1] - bar[0, 1] for bar in bars.get_segments()]
        np.testing.assert_allclose(lengths, 0.6)
    paper = table[table["item"] == "paper"].set_index("parameter")
    assert paper["mape"].to_dict() == {"exchange": 1.22, "anisotropy": 2.23}
    assert (paper["training_samples"] == 13836).all()
    joint = table[table["item"] == "joint"].set_index("parameter")
    np.testing.assert_allclose(joint["mape"], 2)
    assert (joint["training_samples"] == 1200).all()
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert [(*line.get_xdata(), *line.get_ydata()) for line in hollow] == [
        (13836, 1.22),
        (13836, 2.23),
    ]
    assert labels_of(figure)[-1] == "paper"


def test_slopes_are_those_of_the_power_laws():
    figure, table = draw(make_curve())
    assert labels_of(figure)[:2] == [
        r"$J$, slope $-0.50 \pm 0.00$",
        r"$D$, slope $-0.25 \pm 0.00$",
    ]
    fitted = table[table["item"] == "fit"]
    assert fitted.groupby("parameter")["slope"].first().round(9).to_dict() == {
        "exchange": -0.5,
        "anisotropy": -0.25,
    }
    # On the points, and on to the paper's number of samples.
    line = fitted[fitted["parameter"] == "exchange"]
    assert line["training_samples"].tolist() == [75, 1200, 13836]
    np.testing.assert_allclose(line["mape"], 200 * line["training_samples"] ** -0.5)


def test_scatter_about_the_line_is_the_error_of_the_slope():
    # One unit apart in the logarithm, off by (1, -2, 1) times 0.1 from slope -1: the slope stays,
    # and its error is sqrt(0.06 / 1 degree of freedom / 2).
    counts, off = np.exp([1.0, 2.0, 3.0]), np.exp([0.1, -0.2, 0.1])
    factor, slope, error = figure_of_samples.fit_power(counts, 5 / counts * off)
    np.testing.assert_allclose([factor, slope, error], [5, -1, np.sqrt(0.03)])


@pytest.mark.parametrize("counts", [(75, 1200), (75, 75, 1200)])
def test_two_counts_have_no_slope(counts):
    figure, table = draw(make_curve(counts=counts))
    assert labels_of(figure) == ["$J$", "$D$", "joint network, here", "paper"]
    assert set(table["item"]) == {"run", "joint", "paper", "images"}


def test_theta_has_no_number_of_the_paper():
    figure, table = draw(make_curve(parameters=("twist_angle",)))
    assert labels_of(figure) == [r"$\theta$, slope $-0.25 \pm 0.00$", "joint network, here"]
    assert set(table["item"]) == {"run", "joint", "fit", "images"}


def test_line_ends_at_the_largest_count_beyond_the_papers():
    _, table = draw(make_curve(counts=(100, 1000, 20000)))
    assert table.loc[table["item"] == "fit", "training_samples"].max() == 20000


def test_images_of_both_generators_and_phases_are_drawn():
    figure, table = draw(make_curve())
    axes = figure.axes[1]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "paper's generator, NCD",
        "paper's generator, MD",
        "texture model, NCD",
        "texture model, MD",
    ]
    points = [np.asarray(container[0].get_ydata(), float) for container in axes.containers]
    np.testing.assert_allclose(points[0], 10 * points[2])
    np.testing.assert_allclose(points[1], 2 * points[0])
    own = table[table["item"] == "images"].reset_index(drop=True)
    images = make_images()
    pd.testing.assert_frame_equal(own[list(images)], images, check_dtype=False)
