"""Figure 2: what is drawn is what the lattice and the states say."""

import numpy as np
import pytest

import mocks
from drawn import find_panel, texts
from moirespin.figures import fig02, panels
from moirespin.images.raster import build_raster, render
from moirespin.images.window import pixel_centres
from moirespin.io import netcdf
from moirespin.io.schemas.states import PHASE_LINES, SHARD
from moirespin.physics.lattice import build_bilayer, fold, locate
from moirespin.states.exchange_map import map_exchange
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.settings import read_material

M = 4
IMAGES = {"window_nm": 20.0, "pixels": 12}
FM, NCD, MD = range(3)
# Of both layers, as a state of each phase has it.
MAGNETIZATION = {FM: (1.0, 1.0), NCD: (0.8, 0.8), MD: (0.9, 0.2)}
MAGNETIZATION[netcdf.UNDETERMINED] = (np.nan, np.nan)


@pytest.fixture
def lattice(config):
    return config["lattice"]


@pytest.fixture
def bilayer(lattice):
    return build_bilayer(M, **lattice)


@pytest.fixture
def examples(bilayer):
    shard = mocks.dataset(SHARD, set=3, site=bilayer.sites, start=2)
    shard["spins"] /= np.linalg.norm(shard["spins"], axis=-1, keepdims=True)
    return shard.assign_coords(twist_index=("set", [M] * 3), exchange=("set", [6.0, 4.0, 1.0]))


@pytest.fixture
def draw_fig02(examples, lattice, config):
    exchange = map_exchange(M, read_material(config | {"lattice": lattice}))
    lines = mocks.dataset(PHASE_LINES, twist=2, exchange_point=3, anisotropy_point=5)
    lines = lines.assign_coords(twist_index=("twist", [3, M]))

    def draw(states=examples, phases=(FM, NCD, MD), exchange=exchange, lines=lines):
        magnetization = [MAGNETIZATION[phase] for phase in phases]
        states = states.assign(magnetization=(("set", "layer"), magnetization))
        settings = {"thresholds": config["phases"], "lattice": lattice, "images": IMAGES}
        return fig02.draw(states, exchange, lines, **settings)

    return draw


def test_panels_of_figure_2_have_letters_labels_and_numbers(draw_fig02):
    figure, table = draw_fig02()
    figure.draw_without_rendering()
    assert sorted(set(table["panel"])) == list("abcdef")
    for panel, x, y in [
        *(("a", "x (nm)", "y (nm)"), ("b", "x (nm)", "y (nm)"), ("d", "x (nm)", "y (nm)")),
        *(("e", "x (nm)", ""), ("f", "$J$ (meV)", "$D$ (meV)")),
    ]:
        axes = find_panel(figure, panel)
        assert (axes.get_xlabel(), axes.get_ylabel()) == (x, y)
    assert find_panel(figure, "c").get_ylabel() == "top layer\ny (nm)"
    bars = [label for axes in figure.axes for label in (axes.get_xlabel(),) if "J_\\perp" in label]
    assert bars == [r"$\lambda\,\Sigma J_\perp$ (meV)"]


def test_bonds_join_neighbouring_sites(bilayer, lattice):
    half = 2.0
    for layer in range(2):
        bonds = fig02.find_bonds(bilayer, layer, half)
        length = np.linalg.norm(bonds[:, 1] - bonds[:, 0], axis=-1)
        np.testing.assert_allclose(length, lattice["lattice_constant_nm"] / np.sqrt(3))
        assert np.abs(bonds).max() <= half
        first, second = locate(bilayer, layer, bonds[:, 0]), locate(bilayer, layer, bonds[:, 1])
        assert (first // bilayer.cells % 2 == 0).all() and (second // bilayer.cells % 2 == 1).all()
        assert len(np.unique(bonds.round(9), axis=0)) == len(bonds)
        # Three bonds in each cell, less what the window's edge cuts.
        cell = np.abs(np.linalg.det(bilayer.primitive[layer]))
        inner = (2 * half - 2 * length[0]) ** 2
        assert 3 * inner / cell < len(bonds) < 3 * (2 * half) ** 2 / cell


def test_stackings_are_where_the_sites_coincide(bilayer):
    places = fig02.find_stackings(bilayer)

    def is_site(layer, sublattice, place):
        offsets = fold(bilayer.positions[layer, sublattice] - place, bilayer.supercell)
        return np.linalg.norm(offsets, axis=-1).min() < 1e-9

    occupied = {
        name: [is_site(layer, sub, place) for layer in range(2) for sub in range(2)]
        for name, place in places.items()
    }
    # Top A, top B, bottom A, bottom B.
    assert occupied["AA"] == [False] * 4
    assert occupied["AB"] == [True, False, False, True]
    assert occupied["BA"] == [False, True, True, False]


def test_exchange_is_drawn_about_zero(draw_fig02, lattice, config):
    exchange = map_exchange(M, read_material(config | {"lattice": lattice}))
    exchange["interlayer_exchange"][:] = -0.3
    figure, table = draw_fig02(exchange=exchange)
    picture = find_panel(figure, "b").images[0]
    np.testing.assert_allclose(picture.get_array(), -0.3)
    assert picture.get_clim() == pytest.approx((-0.3, 0.3))
    shown = table["interlayer_exchange_mev"].dropna()
    assert len(shown) == picture.get_array().size
    np.testing.assert_allclose(shown, -0.3)


def test_textures_show_each_component(draw_fig02, examples):
    # Up everywhere; along x in the top and along -x in the bottom layer; halfway up, along y.
    sites = examples.sizes["site"]
    sign = np.where(np.arange(sites) < sites // 2, 1, -1)
    examples["spins"][:] = 0
    examples["spins"][0, :, 2] = 1
    examples["spins"][1, :, 0] = sign
    examples["spins"][2, :, 1:] = np.sqrt(0.5)
    figure, table = draw_fig02(examples)
    for example, spin_z in [("FM", 1), ("NCD", 0), ("MD", np.sqrt(0.5))]:
        rows = table[(table["panel"] == "c") & (table["example"] == example)]
        np.testing.assert_allclose(rows["spin_z"].dropna(), spin_z, atol=1e-6)
        arrows = rows[rows["item"] == "arrow"]
        assert len(arrows) == (0 if example == "FM" else 2 * fig02.ARROWS**2)
        if example == "NCD":
            np.testing.assert_allclose(arrows["spin_x"], 1 - 2 * (arrows["layer"] == "bottom"))
        if example == "MD":
            np.testing.assert_allclose(arrows["spin_y"], np.sqrt(0.5), rtol=1e-6)
    maps = [axes for axes in figure.axes if axes.images and axes.collections]
    assert len(maps) == 6
    assert {picture.get_clim() for axes in maps for picture in axes.images} == {(-1, 1)}


def test_images_are_those_of_the_examples(draw_fig02, examples, bilayer):
    figure, table = draw_fig02()
    raster = build_raster(bilayer, **IMAGES)
    for panel, example in [("d", NCD), ("e", MD)]:
        expected = render(raster, examples["spins"].values[example, :, 2])
        picture = find_panel(figure, panel).images[0]
        np.testing.assert_array_equal(picture.get_array(), expected[0])
        np.testing.assert_allclose(picture.get_extent(), [-10, 10, -10, 10])
        assert picture.get_clim() == (-1, 1)
        rows = table[table["panel"] == panel]
        np.testing.assert_array_equal(rows["spin_z"], expected.ravel())
        np.testing.assert_allclose(rows["x_nm"].unique(), pixel_centres(**IMAGES))


def test_examples_lie_between_the_lines_of_their_angle(draw_fig02, examples):
    figure, table = draw_fig02()
    lines = mocks.dataset(PHASE_LINES, twist=2, exchange_point=3, anisotropy_point=5)
    axes = find_panel(figure, "f")
    stability, crossing = axes.lines
    # The curves go through the points of the lines.
    assert set(lines["fm_line"].values[1]) <= set(stability.get_ydata())
    np.testing.assert_allclose(
        np.sort(lines["domain_line"].values[1]),
        np.sort(crossing.get_xdata()[:: panels.STEPS_BETWEEN_POINTS]),
    )
    points = np.concatenate([one.get_offsets() for one in axes.collections])
    expected = np.stack([examples["exchange"], examples["anisotropy"]], axis=1)
    np.testing.assert_array_equal(points, expected)
    rows = table[(table["panel"] == "f") & (table["item"] == "example")]
    assert list(rows["phase"]) == ["FM", "NCD", "MD"]
    bare, table = draw_fig02(lines=lines)
    assert not find_panel(bare, "f").lines
    assert len(table[table["panel"] == "f"]) == 3


def test_title_says_what_an_example_is(draw_fig02):
    figure, table = draw_fig02(phases=(FM, FM, NCD))
    titles = [axes.get_title() for axes in figure.axes]
    assert [title.partition("\n")[0] for title in titles if "$D$ = " in title] == [
        *("FM", "FM (chosen as NCD)", "NCD (chosen as MD)")
    ]
    assert "NCD (chosen as MD)\ntop layer" in titles
    assert set(table[table["panel"] == "f"]["phase"].dropna()) == {"FM", "NCD"}


def test_example_without_a_state_says_so(draw_fig02, examples):
    examples["spins"][2] = np.nan
    figure, table = draw_fig02(examples, phases=(FM, NCD, netcdf.UNDETERMINED))
    figure.draw_without_rendering()
    assert texts(figure).count("no state found") == 4
    assert "undetermined (chosen as MD)" in set(table["example"].dropna())


def test_default_examples_lie_on_their_sides_of_the_stability_line(config, couplings):
    chosen = config["figures"]["fig02"]
    bonds = couplings(chosen["twist_index"], config["interlayer"]["scale"])
    exchange = [chosen[name]["exchange_mev"] for name in ("fm", "ncd", "md")]
    excess = [chosen[name]["anisotropy_mev"] for name in ("fm", "ncd", "md")]
    excess -= critical_anisotropy(bonds, np.array(exchange))
    assert excess[0] > 0.02 and (excess[1:] < -0.02).all()
