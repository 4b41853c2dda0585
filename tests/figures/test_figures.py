"""Figures: panels are labelled, what is plotted is the data, files are whole and repeatable."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import mocks
from moirespin.figures import (
    error_directions,
    fig03,
    fig04,
    fig05,
    fig06,
    fig07,
    fig08,
    fig09,
    fig10,
    fig11,
    panels,
    style,
)
from moirespin.io import netcdf
from moirespin.io.schemas.beyond import ERROR_ALIGNMENT, FISHER
from moirespin.io.schemas.images import IMAGE_PREDICTIONS
from moirespin.io.schemas.scores import (
    ERROR_PCA,
    GENERATOR_SCORES,
    PROFILES,
    REGRESSION_SCORES,
    SNR_SCORES,
)
from moirespin.io.schemas.states import PHASE_DIAGRAM, PHASE_LINES

BINS = 4
REGRESSION = [f"{kind}_{name}" for kind in ("mae", "mape") for name in netcdf.PARAMETERS]
GENERATOR = ["image_mae", "image_mae_ncd", "image_mae_md"]
GENERATOR += ["magnetization_mae", "magnetization_mape"]


def make_profiles(quantities):
    axes = [*netcdf.PARAMETERS, *netcdf.BOUNDARIES]
    profiles = mocks.dataset(PROFILES, axis=len(axes), bin=BINS, quantity=len(quantities))
    profiles["lower"][:] = np.arange(BINS)
    profiles["upper"][:] = np.arange(BINS) + 1
    for name in ("mean", "standard_error"):
        profiles[name] = np.abs(profiles[name])
    return profiles.assign_coords(axis=axes, quantity=quantities)


def make_pca(component, variances=(0.7, 0.2, 0.1)):
    component = np.array(component, dtype=float)
    return netcdf.make(
        ERROR_PCA,
        {
            "covariance": np.einsum("r,ri,rj->ij", variances, component, component),
            "component": component,
            "variance_ratio": variances,
            "ratio_lower": np.subtract(variances, 0.05),
            "ratio_upper": np.add(variances, 0.05),
            "mean_error": np.zeros(3),
        },
    )


def make_diagram(samples):
    diagram = mocks.dataset(PHASE_DIAGRAM, set=samples, start=2)
    return diagram.assign_coords(twist_index=("set", 8 + np.arange(samples) % 2))


def make_lines():
    sizes = {"twist": 2, "exchange_point": 3, "anisotropy_point": 5}
    lines = mocks.dataset(PHASE_LINES, **sizes)
    return lines.assign_coords(twist_index=("twist", [8, 9]))


def make_fisher():
    """Return states of two angles, one of them without information."""
    found = abs(mocks.dataset(FISHER, twist=2, exchange_point=3, anisotropy_point=2))
    found = found.assign_coords(twist_index=("twist", [8, 9])).assign_attrs(snr_db=20.0)
    found["phase"][0, 0, 0] = 0
    for name in ("weak_bound", "strong_bound", "weak_direction", "bound", "information"):
        found[name][0, 0, 0] = np.nan
    found["weak_bound"] += found["strong_bound"]
    return found


def make_alignment(samples):
    groups = ["all", "NCD", "MD"]
    return mocks.dataset(ERROR_ALIGNMENT, sample=samples, group=3).assign_coords(group=groups)


def draw(name, samples=20):
    regression = mocks.dataset(REGRESSION_SCORES, sample=samples)
    drawings = {
        "fig03": lambda: fig03.draw(regression, make_profiles(REGRESSION)),
        "fig04": lambda: fig04.draw(make_profiles(REGRESSION)),
        "fig05": lambda: fig05.draw(regression, make_pca(np.eye(3)[::-1])),
        "fig06": lambda: fig06.draw(make_profiles(REGRESSION)),
        "fig07": lambda: fig07.draw(
            mocks.dataset(SNR_SCORES, sample=samples, snr=3).pipe(abs), snr_db=[40, -10]
        ),
        "fig08": lambda: fig08.draw(
            mocks.dataset(IMAGE_PREDICTIONS, sample=samples, y=6, x=6),
            mocks.dataset(GENERATOR_SCORES, sample=samples),
            make_profiles(GENERATOR),
        ),
        "fig09": lambda: fig09.draw(make_profiles(GENERATOR)),
        "fig10": lambda: fig10.draw(make_profiles(GENERATOR)),
        "fig11": lambda: fig11.draw(make_diagram(samples), make_lines(), twist_indices=[8, 9, 30]),
        "error_directions": lambda: error_directions.draw(
            make_fisher(), make_alignment(samples), make_lines()
        ),
    }
    return drawings[name]()


def find_panel(figure, name):
    return next(axes for axes in figure.axes if axes.get_title("left") == f"({name})")


def drawn_means(axes):
    return [container.lines[0].get_ydata() for container in axes.containers]


PANELS = {
    "fig03": "abcdef",
    "fig04": "abcdefghi",
    "fig05": "abcd",
    "fig06": "abcdef",
    "fig07": "abcdef",
    "fig08": "abcde",
    "fig09": "ab",
    "fig10": "abcde",
    "fig11": "abcdef",
    "error_directions": "abcd",
}


@pytest.mark.parametrize("samples", [2, 20])
@pytest.mark.parametrize("name", PANELS)
def test_every_panel_has_letter_labels_and_numbers(name, samples):
    figure, table = draw(name, samples)
    figure.draw_without_rendering()
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


def test_estimates_are_drawn_as_they_are():
    scores = mocks.dataset(REGRESSION_SCORES, sample=30)
    figure, table = fig03.draw(scores, make_profiles(REGRESSION))
    for parameter, panel in zip(netcdf.PARAMETERS, "abc", strict=True):
        drawn = np.concatenate([c.get_offsets() for c in find_panel(figure, panel).collections])
        chosen = scores.sel(parameter=parameter)
        expected = np.stack([chosen["true"], chosen["predicted"]], axis=1)
        np.testing.assert_array_equal(
            drawn[drawn[:, 0].argsort()], expected[expected[:, 0].argsort()]
        )
        rows = table[table["panel"] == panel]
        np.testing.assert_array_equal(rows["predicted"], chosen["predicted"])
        assert list(rows["phase"]) == [netcdf.PHASES[flag] for flag in chosen["phase"].values]


def test_a_single_twist_angle_found_exactly_is_drawn():
    scores = mocks.dataset(REGRESSION_SCORES, sample=5)
    scores["true"].loc[{"parameter": "twist_angle"}] = 3.89
    scores["predicted"].loc[{"parameter": "twist_angle"}] = 3.89
    profiles = make_profiles(REGRESSION)
    profiles["lower"].loc["twist_angle"] = profiles["upper"].loc["twist_angle"] = 3.89
    figure, _ = fig03.draw(scores, profiles)
    low, high = find_panel(figure, "a").get_xlim()
    assert low < 3.89 < high
    assert "nan" in find_panel(figure, "a").texts[0].get_text()


def test_perfect_estimates_have_unit_determination():
    true = np.array([1.0, 2.0, 4.0])
    assert fig03.coefficient_of_determination(true, true) == 1
    assert fig03.coefficient_of_determination(true, np.full(3, true.mean())) == 0
    assert np.isnan(fig03.coefficient_of_determination(np.ones(3), true))


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
    figure, table = draw(name)
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


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ([0, -0.6, 0.8], "$\\varepsilon_D$ = −1.33 $\\varepsilon_J$, opposite signs"),
        ([0, 0.8, 0.6], "$\\varepsilon_J$, the same sign"),
        ([0, 0.1, 0.995], "mostly $\\varepsilon_D$"),
        ([1, 0, 0], "mostly $\\varepsilon_\\theta$"),
    ],
)
def test_first_axis_in_words(first, words):
    described = fig05.describe_first_axis(make_pca([first, [0, 1, 0], [0, 0, 1]]))
    assert "PC1 carries 70 % of the variance (95 %: 65 to 75)" in described
    assert words in described


def test_principal_axes_are_drawn_to_scale():
    component = [[0, -0.6, 0.8], [0, 0.8, 0.6], [1, 0, 0]]
    pca = make_pca(component, variances=(0.09, 0.04, 0.01))
    scores = mocks.dataset(REGRESSION_SCORES, sample=10)
    figure, _ = fig05.draw(scores, pca)
    lines = [line for line in find_panel(figure, "c").lines if "PC" in line.get_label()]
    lengths = [np.hypot(*np.ptp(line.get_xydata(), axis=0)) for line in lines]
    np.testing.assert_allclose(lengths, [4 * 0.3, 4 * 0.2, 0], atol=1e-12)
    heights = [bar.get_height() for bar in find_panel(figure, "d").patches]
    np.testing.assert_allclose(heights, [9, 4, 1])


def test_noise_panels_take_the_nearest_levels():
    scores = mocks.dataset(SNR_SCORES, sample=8, snr=6).pipe(abs)
    figure, table = fig07.draw(scores, snr_db=[100, 12, 8])
    shown = table.dropna(subset="predicted")
    assert sorted(shown["snr_db"].unique()) == [10, 40]
    line = find_panel(figure, "e").lines[0]
    np.testing.assert_array_equal(line.get_ydata(), scores["mape"].sel(parameter="exchange"))


def test_images_are_those_of_the_median_sample():
    scores = mocks.dataset(GENERATOR_SCORES, sample=5)
    scores["phase"][:] = [1, 1, 1, 2, 0]
    scores["mae"][:] = np.array([0.3, 0.1, 0.2, 0.5, 0.4])[:, None]
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=5, y=6, x=6)
    figure, table = fig08.draw(images, scores, make_profiles(GENERATOR))
    for panel, phase, sample in [("a", "NCD", 2), ("b", "MD", 3)]:
        assert panels.find_typical(scores, phase) == sample
        image = find_panel(figure, panel).images[0]
        expected = images["true"].isel(sample=sample)
        np.testing.assert_array_equal(image.get_array(), expected.sel(layer="top"))
        assert image.get_clim() == (-1, 1)
        # 20 nm pixels: the outer edges lie half a pixel beyond the outer centres.
        np.testing.assert_allclose(image.get_extent(), [-60, 60, -60, 60])
        rows = table[table["panel"] == panel]
        np.testing.assert_array_equal(rows["true"], expected.values.ravel())
        np.testing.assert_array_equal(rows["difference"], abs(rows["generated"] - rows["true"]))


def test_phase_without_test_sample_says_so():
    scores = mocks.dataset(GENERATOR_SCORES, sample=3)
    scores["phase"][:] = 1
    images = mocks.dataset(IMAGE_PREDICTIONS, sample=3, y=4, x=4)
    figure, _ = fig08.draw(images, scores, make_profiles(GENERATOR))
    assert [t.get_text() for t in find_panel(figure, "b").texts] == [
        "no test sample in the MD phase"
    ]


def test_slices_hold_their_sets_and_both_lines():
    diagram, lines = make_diagram(12), make_lines()
    figure, table = fig11.draw(diagram, lines, twist_indices=[9, 30])
    axes = find_panel(figure, "d")
    drawn = np.concatenate([c.get_offsets() for c in axes.collections])
    here = diagram["twist_index"].values == 9
    assert sorted(drawn[:, 0]) == sorted(diagram["exchange"].values[here])
    stability, crossing = (line.get_xydata()[:: panels.STEPS_BETWEEN_POINTS] for line in axes.lines)
    known = np.transpose([lines["line_exchange"], lines["fm_line"][1]])
    np.testing.assert_allclose(stability, known[known[:, 0].argsort()])
    known = np.transpose([lines["domain_line"][1], lines["line_anisotropy"]])
    np.testing.assert_allclose(crossing, known[known[:, 1].argsort()])
    assert [t.get_text() for t in find_panel(figure, "e").texts] == ["no set\nat $m$ = 30"]
    sets = table[table["panel"] == "a-c"]
    top, bottom = np.abs(diagram["magnetization"].values.T)
    np.testing.assert_allclose(sets["average"], (top + bottom) / 2)
    np.testing.assert_allclose(sets["difference"], abs(top - bottom))


def test_undetermined_sets_are_drawn_as_such():
    diagram = make_diagram(4)
    diagram["phase"][:] = [0, 1, 2, netcdf.UNDETERMINED]
    names = panels.name_phases(diagram["phase"])
    assert list(names) == ["FM", "NCD", "MD", "undetermined"]
    figure, _ = fig11.draw(diagram, make_lines(), twist_indices=[8])
    assert len(find_panel(figure, "c").collections) == 4


def paths(folder):
    return {kind: folder / f"figure.{kind}" for kind in ("png", "pdf", "csv")}


@pytest.mark.parametrize("name", ["fig03", "fig11"])
def test_files_are_the_same_twice(name, tmp_path):
    written = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        figure, table = draw(name)
        style.save(figure, table, **paths(folder))
        written.append({kind: path.read_bytes() for kind, path in paths(folder).items()})
        assert sorted(folder.iterdir()) == sorted(paths(folder).values())
    assert written[0] == written[1]
    assert written[0]["png"].startswith(b"\x89PNG") and written[0]["pdf"].startswith(b"%PDF")
    stored = pd.read_csv(paths(tmp_path / "first")["csv"])
    assert list(stored.columns) == list(table.columns)
    numbers = table.select_dtypes("number")
    np.testing.assert_allclose(stored[numbers.columns], numbers, rtol=1e-7)


def test_layout_does_not_depend_on_the_last_digit():
    figure, _ = draw("fig08")
    style.settle_layout(figure)
    parts = [*figure.subfigs, *figure.subfigs[0].subfigs]
    places = [part.bbox_relative.bounds for part in parts]
    places += [axes.get_position(original=True).bounds for axes in figure.axes]
    # Width and height are differences of rounded edges.
    np.testing.assert_allclose(places, np.round(places, style.LAYOUT_DECIMALS), rtol=0, atol=1e-15)
    figure.draw_without_rendering()
    after = [axes.get_position(original=True).bounds for axes in figure.axes]
    np.testing.assert_array_equal(after, places[len(parts) :])


def test_failed_drawing_leaves_the_old_files_and_no_others(tmp_path, monkeypatch):
    figure, table = draw("fig09")
    for path in paths(tmp_path).values():
        path.write_text("old")
    save_figure = figure.savefig

    def fail_at_pdf(path, **options):
        save_figure(path, **options)
        if options["format"] == "pdf":
            raise RuntimeError("no space left")

    monkeypatch.setattr(figure, "savefig", fail_at_pdf)
    with pytest.raises(OSError, match=r"figure.csv cannot be written \(no space left; [^()]*\):"):
        style.save(figure, table, **paths(tmp_path))
    assert sorted(tmp_path.iterdir()) == sorted(paths(tmp_path).values())
    assert all(path.read_text() == "old" for path in paths(tmp_path).values())


# Machado et al., IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), full severity, linear RGB.
BLINDNESSES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
RGB_TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def seen_as(color, blindness):
    """Return the CIELAB coordinates of a colour as seen with a colour blindness."""
    srgb = np.array(to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESSES[blindness]) @ linear, 0, 1)
    ratio = RGB_TO_XYZ @ seen / [0.9505, 1.0, 1.089]
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", BLINDNESSES)
def test_colors_can_be_told_apart(blindness):
    named = style.PHASE_COLORS | style.LAYER_COLORS | style.PARAMETER_COLORS
    seen = {name: seen_as(color, blindness) for name, color in named.items()}
    for first, second in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[first] - seen[second]) > 16, (first, second)


def test_weak_directions_are_drawn_as_they_are():
    """In a square panel over the box an angle between normalised parameters is one on paper."""
    information = make_fisher()
    figure, table = error_directions.draw(information, make_alignment(20), make_lines())
    axes = find_panel(figure, "b")
    (segments,) = [
        np.array(c.get_segments()) for c in axes.collections if hasattr(c, "get_segments")
    ]
    box = [np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())]
    drawn = np.diff(segments, axis=1)[:, 0] / box
    directions = information["weak_direction"].values[1].reshape(-1, 2)
    np.testing.assert_allclose(np.arctan2(*drawn.T), np.arctan2(*directions.T), atol=1e-9)
    centres = segments.mean(axis=1)
    expected = np.meshgrid(
        information["grid_exchange"], information["grid_anisotropy"], indexing="ij"
    )
    np.testing.assert_allclose(centres, np.stack(expected, axis=-1).reshape(-1, 2))
    shown = table[(table["panel"] == "b") & table["weak_angle_deg"].notna()]
    np.testing.assert_allclose(
        shown["weak_angle_deg"], np.degrees(np.arctan2(*directions.T[::-1])), atol=1e-9
    )


def test_figure_without_any_information_says_so():
    information = make_fisher()
    for name in ("weak_bound", "strong_bound", "weak_direction"):
        information[name] = np.nan * information[name]
    alignment = make_alignment(4)
    for name in ("weak_direction", "axis"):
        alignment[name] = np.nan * alignment[name]
    figure, _ = error_directions.draw(information, alignment, make_lines())
    figure.draw_without_rendering()
    assert "no test sample" in find_panel(figure, "d").texts[0].get_text()
