"""Panels that figures share: they are labelled, and what is plotted is the data."""

import warnings
from functools import cache

import numpy as np
import pytest

import drawn
from drawn import GENERATOR, REGRESSION, drawn_means, find_panel, make_profiles
from moirespin.figures import fig04, fig06

PANELS = {
    "fig03": "abcdef",
    "fig04": "abcdefghi",
    "fig05": "abcd",
    "fig06": "abcdef",
    "fig07": "abcdefghi",
    "fig08": "abcde",
    "fig09": "ab",
    "fig10": "abcde",
    "fig11": "abcdef",
    "error_directions": "abcd",
}


# Tests look at figures and change none.
draw = cache(drawn.draw)


@pytest.mark.slow
@pytest.mark.parametrize("name", PANELS)
def test_figures_of_hardly_any_samples_are_laid_out(name):
    figure, _ = draw(name, 2)
    with warnings.catch_warnings():
        # Matplotlib warns where panels find no room, and of limits that are equal.
        warnings.simplefilter("error", UserWarning)
        figure.draw_without_rendering()


@pytest.mark.slow
@pytest.mark.parametrize("samples", [2, 20])
@pytest.mark.parametrize("name", PANELS)
def test_every_panel_has_letter_labels_and_numbers(name, samples):
    figure, table = draw(name, samples)
    lettered = [axes for axes in figure.axes if axes.get_title("left")]
    letters = sorted(axes.get_title("left") for axes in lettered)
    assert letters == [f"({panel})" for panel in PANELS[name]]
    for axes in lettered:
        if axes.axison:
            # The inner panels of a grid leave the labels to those at its edge.
            for which in "xy":
                siblings = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
                assert any(getattr(other, f"get_{which}label")() for other in siblings)
    assert len(table) and set("".join(table["panel"])) <= {*PANELS[name], "-"}


@pytest.mark.parametrize(
    ("name", "panel", "axis", "quantities"),
    [
        ("fig03", "e", "exchange", ["mape_exchange"]),
        ("fig04", "f", "anisotropy", ["mae_exchange"]),
        ("fig06", "d", "NCD-MD", ["mae_twist_angle"]),
        ("fig08", "d", "exchange", GENERATOR[:3]),
        ("fig09", "b", "NCD-MD", GENERATOR[:3]),
        ("fig10", "c", "anisotropy", ["magnetization_mape"]),
        ("fig10", "d", "FM-NCD", ["magnetization_mae"]),
    ],
)
def test_profiles_are_drawn_as_they_are(name, panel, axis, quantities):
    figure, table = draw(name, 20)
    profiles = make_profiles(REGRESSION if quantities[0] in REGRESSION else GENERATOR)
    expected = profiles["mean"].sel(axis=axis, quantity=quantities).values.T
    np.testing.assert_array_equal(drawn_means(find_panel(figure, panel)), expected)
    rows = table[(table["panel"] == panel) & table["quantity"].isin(quantities)]
    np.testing.assert_array_equal(rows["mean"], expected.ravel())


def test_bars_are_the_counts():
    profiles = make_profiles(REGRESSION)
    figure, _ = fig04.draw(profiles)
    twin = next(
        axes for axes in figure.axes if axes.get_ylabel() == "training samples" and axes.patches
    )
    expected = profiles["training_count"].sel(axis="anisotropy")
    np.testing.assert_array_equal([bar.get_height() for bar in twin.patches], expected)


def test_means_of_few_samples_are_pale_and_leave_the_scale_alone():
    profiles = make_profiles(REGRESSION)
    profiles["count"][:] = 50
    profiles["count"].loc[{"bin": 3}] = 19
    profiles["mean"].loc[{"bin": 3}] = 1000.0
    figure, table = fig06.draw(profiles)
    axes = find_panel(figure, "a")
    firm, sparse = (np.array(means, float) for means in drawn_means(axes))
    assert np.isnan(firm[3]) and np.isfinite(firm[:3]).all()
    assert list(sparse) == [1000.0] and axes.get_ylim()[1] < 10
    # The numbers beside the figure hold them.
    assert (table["mean"] == 1000).sum() == 6


def test_unknown_counts_draw_no_bars():
    profiles = make_profiles(REGRESSION)
    profiles["training_count"][:] = -1
    figure, _ = fig04.draw(profiles)
    assert len(figure.axes) == 9


def test_panels_without_data_say_why():
    profiles = make_profiles(REGRESSION)
    profiles["mean"][:] = np.nan
    profiles["count"][:] = 0
    profiles["lower"].loc["NCD-MD"] = profiles["upper"].loc["NCD-MD"] = np.nan
    figure, table = fig06.draw(profiles)
    assert table.empty
    assert [t.get_text() for t in find_panel(figure, "a").texts] == ["no test sample"]
    assert "no such boundary" in find_panel(figure, "d").texts[0].get_text()


def test_line_breaks_at_an_empty_bin():
    profiles = make_profiles(REGRESSION)
    profiles["mean"].loc[{"bin": 1}] = np.nan
    figure, table = fig06.draw(profiles)
    assert np.isnan(drawn_means(find_panel(figure, "a"))[0][1])
    assert (table["lower"] != 1).all()
