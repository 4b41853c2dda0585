"""Figures 1, 2, 12 and 13: what is drawn is what the data, the lattice and the networks say."""

from pathlib import Path

import jax
import numpy as np
import pytest
from flax import nnx

import mocks
from moirespin.figures import blocks, fig01, fig02, fig12, fig13, panels
from moirespin.images.raster import build_raster, render
from moirespin.images.window import pixel_centres
from moirespin.io import netcdf
from moirespin.io.schemas.images import DATASET, IMAGE_PREDICTIONS, PARAMETER_PREDICTIONS
from moirespin.io.schemas.states import PHASE_LINES, SHARD
from moirespin.learning.networks import build, save_network
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
REGRESSOR = {"pixels": 5, "first": 6, "features": 7, "third": 9}
GENERATOR = {"pixels": 5, "first": 6, "second": 7, "input_scale": [8.0, 2.0, 3.0]}


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


def find_panel(figure, name):
    return next(axes for axes in figure.axes if axes.get_title("left") == f"({name})")


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


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


def test_exchange_map_sums_the_pairs_and_knows_the_stackings(config):
    # Sum over pairs of J_perp at m = 8 and lambda = 1: -3.027692 meV.
    exchange = map_exchange(
        8, read_material(config | {"interlayer": config["interlayer"] | {"scale": 1.0}})
    )
    total = exchange["interlayer_exchange"].values
    np.testing.assert_allclose(total.sum(), 2 * -3.027692, atol=2e-6)
    np.testing.assert_allclose([total.min(), total.max()], [-0.34847, 0.44840], atol=1e-5)
    bilayer = build_bilayer(8, **config["lattice"])
    sites = np.stack([exchange["x"], exchange["y"]], axis=1)
    np.testing.assert_allclose(sites, bilayer.positions.reshape(-1, 2))
    places = fig02.find_stackings(bilayer)
    near = {
        name: total[np.linalg.norm(fold(sites - place, bilayer.supercell), axis=1) < 0.6].mean()
        for name, place in (places | {"patch": bilayer.supercell[1] / 2}).items()
    }
    assert near["AB"] == pytest.approx(near["BA"])
    assert near["AB"] < near["AA"] < 0 < near["patch"]


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


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Path and number of weights of a network of each kind."""
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for kind, shape in {"regressor": REGRESSOR, "generator": GENERATOR}.items():
        network = build(kind, shape, seed=1)
        path = str(folder / f"{kind}.safetensors")
        about = {"kind": kind, "target": "exchange", "shape": shape, "seed": 1}
        record = {"a_record": np.zeros(3, np.float32)}
        save_network(path, network, record, about=about)
        weights = jax.tree.leaves(nnx.state(network, nnx.Param))
        found[kind] = path, sum(weight.size for weight in weights)
    return found


@pytest.fixture
def networks(written):
    model = blocks.read_model(written["regressor"][0], "regressor")
    return dict.fromkeys(netcdf.PARAMETERS, model)


def test_figure_12_counts_every_weight(networks, written):
    size = written["regressor"][1]
    figure, table = fig12.draw_networks(networks)
    words = texts(figure)
    assert any(text.startswith(f"{size:,} weights and biases\nin each of 3") for text in words)
    counts = table.groupby("network")[["weights", "biases"]].sum().sum(axis=1)
    assert counts.to_dict() == dict.fromkeys(netcdf.PARAMETERS, size)
    rows = table[table["network"] == "exchange"].set_index("layer")
    assert rows.loc["top/0", ["inputs", "outputs"]].tolist() == [25, 6]
    assert rows.loc["head/0", ["inputs", "outputs"]].tolist() == [14, 9]
    # Lists: input, h1, h2 of each layer, joined, h3, h4, output.
    for number, times in {"25": 2, "6": 2, "7": 3, "14": 1, "9": 1, "1": 1}.items():
        assert words.count(number) == times, number
    # Layers, with their biases.
    for number, times in {"156": 2, "49": 2, "135": 1, "70": 1, "8": 1}.items():
        assert words.count(number) == times, number
    assert "top\n5 × 5" in words and "bottom\n5 × 5" in words


def test_figure_13_counts_every_weight(written):
    path, size = written["generator"]
    figure, table = fig13.draw(path)
    words = texts(figure)
    assert f"{size:,} weights and biases" in words
    assert table[["weights", "biases"]].to_numpy().sum() == size
    assert table["outputs"].tolist() == [6, 7, 50]
    assert {"3", "6", "7", "50", "24", "49", "400", r"$D$ × 3", "top\n5 × 5"} <= set(words)


def test_network_of_another_form_is_refused(networks, written):
    other = networks["exchange"]._replace(source="wider", layers=networks["exchange"].layers[:-1])
    with pytest.raises(ValueError, match=r"wider has other layers than .*regressor"):
        fig12.draw_networks(networks | {"exchange": other})
    about = {"shape": REGRESSOR | {"pixels": 6}}
    with pytest.raises(ValueError, match="top/0 takes 25 numbers, 36 come"):
        fig12.draw_networks({name: model._replace(about=about) for name, model in networks.items()})
    generator = blocks.read_model(written["generator"][0], "generator")
    with pytest.raises(ValueError, match="50 numbers are not two images of 6 pixels"):
        fig13.draw_network(generator._replace(about={"shape": GENERATOR | {"pixels": 6}}))
    with pytest.raises(ValueError, match="is a network of the kind 'regressor', not 'generator'"):
        blocks.read_model(written["regressor"][0], "generator")


@pytest.mark.parametrize("suffix", ["safetensors", "json"])
def test_broken_network_is_refused_by_name(suffix, written, tmp_path):
    for name in ("safetensors", "json"):
        source = Path(written["generator"][0]).with_suffix(f".{name}").read_bytes()
        (tmp_path / f"network.{name}").write_bytes(source[:9] if name == suffix else source)
    with pytest.raises(ValueError, match=r"network\.safetensors is .*: repair it with: rm -f"):
        blocks.read_model(str(tmp_path / "network.safetensors"), "generator")


def test_bars_grow_with_the_logarithm():
    heights = [blocks.bar_height(number) for number in (1, 10, 100, 1000)]
    np.testing.assert_allclose(np.diff(heights), heights[1] - heights[0])
