"""The explorer in a real browser: it draws what `moirespin draw` draws, and asks nobody."""

import io
import json
import shlex
import time
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml
from matplotlib import colormaps
from matplotlib.image import imread

import firefox
from moirespin.cli.__main__ import build_parser
from moirespin.cli.options import window_of
from moirespin.images.window import Window, pixel_centres
from moirespin.inference.cell_textures import spin_waves, wave_index
from moirespin.io.netcdf import PHASES
from moirespin.pages import explorer
from moirespin.physics.lattice import twist_angle_deg
from moirespin.pipeline import config_check, config_files
from moirespin.probes import instrument, waves
from moirespin.probes.stray_field import Moment, sheets
from moirespin.textures.drawing import cell_magnetization, draw, images
from moirespin.textures.model_files import SHIPPED, load_model
from moirespin.textures.placement import moire_vectors

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
MAGNET = {"spin": 1.5, "g_factor": 2.0}
ARROW_RIGHT = "\ue014"  # in Firefox
KEYS = {"ArrowRight": 39, "n": 78, "+": 187}


@pytest.fixture(scope="module")
def model():
    return load_model(SHIPPED)


def drawn_at(model, angle_deg, exchange, anisotropy):
    parameters = {"exchange_mev": exchange, "anisotropy_mev": anisotropy}
    return draw(model, angle_deg=angle_deg, **parameters)


def show(browser, **fields):
    """Give the page's view other fields, and wait until it is drawn and has come to rest."""
    browser.run(f"explorer.change({json.dumps(fields)}, true)")
    browser.wait("explorer.atRest()")


def seen(browser, pixels):
    """Return the images of the page, shape (image, y, x)."""
    found = browser.run("explorer.images().map((image) => Array.from(image))")
    return np.array(found).reshape(-1, pixels, pixels)


def text_of(browser, name):
    return browser.run(f"document.getElementById({name!r}).textContent")


def press(browser, element, key):
    browser.run(f"document.getElementById({element!r}).focus()")
    browser.key(key, KEYS[key])
    browser.frames(2)
    browser.wait("explorer.atRest()")


def test_page_names_no_address_and_holds_every_module_once():
    parts = "".join(path.read_text() for path in explorer.PARTS.iterdir())
    assert "://" not in parts
    assert "import " not in explorer.bundle()
    assert sorted(f"{name}.js" for name in explorer.MODULES) == sorted(
        path.name for path in explorer.PARTS.glob("*.js")
    )


def test_page_of_the_largest_run_is_small(sets, tmp_path):
    many = sets.isel(set=np.tile(np.arange(sets.sizes["set"]), 23_000 // 4))
    explorer.write(tmp_path / "page.html", SHIPPED, magnet=MAGNET, sets=many, name="paper")
    assert (tmp_path / "page.html").stat().st_size < 12e6


def test_traced_lines_keep_the_points_that_exist():
    lines = xr.Dataset(
        {
            "twist_index": ("twist", [16]),
            "line_exchange": ("exchange_point", [2.0, 4.0]),
            "line_anisotropy": ("anisotropy_point", [0.1, 0.2, 0.3]),
            "fm_line": (("twist", "exchange_point"), [[0.25, np.nan]]),
            "domain_line": (("twist", "anisotropy_point"), [[3.0, np.nan, 2.5]]),
        }
    )
    assert explorer.points_of(lines) == {"16": [[[2.0, 0.25]], [[3.0, 0.1], [2.5, 0.3]]]}


def test_page_without_a_run_shows_no_sets(started, tmp_path):
    explorer.write(tmp_path / "page.html", SHIPPED, magnet=MAGNET)
    started.open((tmp_path / "page.html").as_uri())
    started.wait("window.explorer !== undefined")
    assert started.place_of("#sets")["height"] == 0
    assert "--model" not in text_of(started, "draw-line")
    assert started.errors == []


def test_page_asks_for_nothing_but_itself(browser, page):
    show(browser, theta=2.0, probe="stray-field")
    assert browser.requests == [page.as_uri()]
    assert browser.run("performance.getEntriesByType('resource').length") == 0


def test_slider_moves_the_image(browser):
    canvas = "document.getElementById('image0').toDataURL()"
    before, angle = (
        browser.run(canvas),
        float(browser.run("document.getElementById('theta').value")),
    )
    press(browser, "theta-slider", "ArrowRight")
    assert float(browser.run("document.getElementById('theta').value")) > angle
    assert browser.run(canvas) != before
    assert browser.run("location.hash").startswith("#theta=")


DRAWN = [
    {"theta": 1.1, "J": 2.01, "D": 0.22},
    {"theta": 2.3, "J": 7.0, "D": 0.06, "rotation": 20.0, "x": 5.0, "y": -3.0, "pixels": 120},
    {"theta": twist_angle_deg(22), "J": 3.0, "D": 0.1, "window": 60.0},
    {"theta": 0.2, "J": 8.0, "D": 0.05, "window": 300.0, "pixels": 150},
    {"theta": 3.9, "J": 1.0, "D": 0.05, "window": 20.0, "pixels": 64, "rotation": -65.0},
    {"theta": 3.0, "J": 8.0, "D": 0.28},
]


@pytest.mark.parametrize("fields", DRAWN, ids=lambda fields: f"{fields['theta']:.1f}")
def test_pixels_and_numbers_are_those_of_draw(fields, browser, model):
    show(browser, **fields)
    drawn = drawn_at(model, fields["theta"], fields["J"], fields["D"])
    pose = {"window": 100.0, "pixels": 200, "rotation": 0.0, "x": 0.0, "y": 0.0} | fields
    window = Window(pose["window"], pose["pixels"], pose["rotation"], (pose["x"], pose["y"]))
    wanted = images(model, drawn, angle_deg=fields["theta"], window=window).spins[..., 2]
    assert np.abs(seen(browser, window.pixels) - wanted).max() < 0.01
    numbers = browser.run("explorer.numbers()")
    assert numbers["phase"] == PHASES[drawn.phase]
    assert numbers["phase"] == text_of(browser, "phase")
    top, bottom = cell_magnetization(model.waves, drawn.tilt)
    assert numbers["energy_per_spin_mev"] == pytest.approx(drawn.energy_mev, abs=1e-9)
    assert numbers["gap_per_spin_mev"] == pytest.approx(drawn.gap_mev, abs=1e-9)
    assert numbers["magnetization_top"] == pytest.approx(top, abs=1e-5)
    assert numbers["magnetization_bottom"] == pytest.approx(bottom, abs=1e-5)


@pytest.mark.parametrize("fields", DRAWN[:4], ids=lambda fields: f"{fields['theta']:.1f}")
def test_what_moves_looks_like_what_rests(fields, browser):
    pixels = 100
    show(browser, **fields | {"pixels": 2 * pixels})
    browser.run("explorer.drawState(true)")
    moving = seen(browser, pixels)
    show(browser, **fields | {"pixels": pixels})
    difference = np.abs(moving - seen(browser, pixels))
    # Walls are two sites wide where the window shows them narrowest.
    assert difference.mean() < 0.006
    assert difference.max() < 0.1


def test_canvas_has_the_colours_of_the_pixels(browser, tmp_path):
    show(browser, window=30, pixels=24, cell="off")
    place = browser.place_of("#image0")
    browser.screenshot(tmp_path / "seen.png")
    shown = imread(tmp_path / "seen.png")[..., :3]
    spin_z = seen(browser, 24)[0]
    # Without the lowest rows, on which the scale lies.
    rows, columns = np.mgrid[6:24, 0:24]
    step = place["width"] / 24
    x = (place["left"] + (columns + 0.5) * step).astype(int)
    y = (place["top"] + place["height"] - (rows + 0.5) * step).astype(int)
    wanted = colormaps["RdBu_r"](0.5 + 0.5 * spin_z[rows, columns])[..., :3]
    # One step of the colour map.
    assert np.abs(shown[y, x] - wanted).max() < 0.03


@pytest.mark.parametrize("rotation", [0.0, 35.0])
@pytest.mark.parametrize(
    ("channel", "height", "psf", "aperture"),
    [("net", 10.0, 0.7, 0.5), ("top", 10.0, 0.0, 0.0), ("stray-field", 12.0, 2.0, 1.0)],
)
def test_probe_sees_what_infer_expects(browser, model, channel, height, psf, aperture, rotation):
    angle_deg, exchange, anisotropy, pixels, polar, azimuth = 2.3, 2.0, 0.05, 60, 40.0, 25.0
    show(browser, theta=angle_deg, J=exchange, D=anisotropy, window=40, pixels=pixels, x=4, y=-2)
    show(browser, rotation=rotation, probe=channel, height=height, psf=psf, aperture=aperture)
    show(browser, polar=polar, azimuth=azimuth)
    # `spin_waves` lists waves by their reciprocal moire vectors.
    index = wave_index(40.0)
    drawn = drawn_at(model, angle_deg, exchange, anisotropy)
    lattice = model.about["lattice"]
    cell = moire_vectors(angle_deg, lattice["lattice_constant_nm"])
    wavevectors = index @ (2 * np.pi * np.linalg.inv(cell).T)
    amplitudes = spin_waves(model.waves, jnp.asarray(drawn.tilt), index)
    texture = waves.shift(waves.PlaneWaves(wavevectors, amplitudes), jnp.array([-4.0, 2.0]))
    turn = -np.radians(rotation)
    texture = waves.turn_spins(waves.turn(texture, turn), turn)
    polar, azimuth = np.radians([polar, azimuth])
    axis = [np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)]
    sensor = instrument.Instrument(
        *map(jnp.asarray, (psf, aperture, height, axis)), sheets(Moment(**MAGNET), **lattice)
    )
    centres = jnp.asarray(pixel_centres(40.0, pixels))
    wanted = np.asarray(instrument.observe(texture, channel, sensor, x_nm=centres, y_nm=centres))
    assert np.abs(seen(browser, pixels) - wanted).max() < 1e-3 * np.abs(wanted).max()


def test_noise_has_the_variance_of_its_ratio_and_its_seed_names_it(browser):
    show(browser, pixels=128)
    clean = seen(browser, 128)
    show(browser, noise="on", snr=10, seed=3)
    noisy = seen(browser, 128)
    power = np.mean(clean**2, axis=(1, 2))
    assert np.var(noisy - clean, axis=(1, 2)) == pytest.approx(power / 10, rel=0.05)
    show(browser, seed=4)
    other = seen(browser, 128)
    assert abs(np.corrcoef((other - clean).ravel(), (noisy - clean).ravel())[0, 1]) < 0.03
    show(browser, seed=3)
    np.testing.assert_array_equal(seen(browser, 128), noisy)


def screen_place(browser, exchange, anisotropy):
    """Return where a point of the plane of J and D is on the screen."""
    place = browser.place_of("#diagram")
    found = browser.run(f"explorer.diagram.placeOf({{J: {exchange}, D: {anisotropy}}})")
    return place["left"] + found[0], place["top"] + found[1]


def test_hover_shows_a_set_and_a_click_jumps_there(browser):
    show(browser, theta=1.1)
    x, y = screen_place(browser, 8.0, 0.25)
    browser.mouse("mouseMoved", x + 40, y + 60)
    assert browser.run("document.getElementById('tip').hidden")
    browser.mouse("mouseMoved", x + 2, y + 1)
    browser.frames()
    assert not browser.run("document.getElementById('tip').hidden")
    assert "NCD: J = 8.000 meV, D = 0.2500 meV" in text_of(browser, "tip-text")
    assert "Set 1 at m = 30" in text_of(browser, "tip-text")
    browser.click(x + 2, y + 1)
    browser.frames(3)
    numbers = browser.run("explorer.numbers()")
    assert numbers["twist_angle_deg"] == pytest.approx(twist_angle_deg(30), abs=1e-9)
    assert (numbers["exchange_mev"], numbers["anisotropy_mev"]) == (8.0, 0.25)


def test_click_beside_the_sets_takes_exchange_and_anisotropy_only(browser):
    show(browser, theta=1.5)
    browser.click(*screen_place(browser, 5.5, 0.15))
    browser.frames(3)
    numbers = browser.run("explorer.numbers()")
    assert numbers["twist_angle_deg"] == 1.5
    assert numbers["exchange_mev"] == pytest.approx(5.5, abs=0.05)
    assert numbers["anisotropy_mev"] == pytest.approx(0.15, abs=0.002)


def test_sets_are_reached_by_keys(browser):
    show(browser, theta=1.99)
    press(browser, "diagram", "n")
    first = browser.run("explorer.numbers()")
    press(browser, "diagram", "n")
    second = browser.run("explorer.numbers()")
    found = [(n["nearest_twist_index"], n["exchange_mev"]) for n in (first, second)]
    assert found == [(16, 2.5), (16, 8.0)]


def test_phase_lines_part_the_phases(browser, model):
    """The diagram calls each point of a grid what `draw` calls it."""
    for angle in (0.2, 1.3, 2.6):
        rows = browser.run(
            f"(() => {{ const map = explorer.phaseMap({angle}, 9); return {{...map,"
            " margin: Array.from(map.margin, (x) => Number.isNaN(x) ? null : x)}; })()"
        )
        grid = iter(rows["margin"])
        for anisotropy in rows["anisotropies"]:
            for exchange, limit in zip(rows["exchanges"], rows["limit"], strict=True):
                margin = next(grid)
                try:
                    found = drawn_at(model, angle, exchange, anisotropy).phase
                except ValueError:
                    assert margin is None
                    continue
                shown = 2 if margin > 0 else int(anisotropy < limit)
                assert shown == found, (angle, exchange, anisotropy)


def test_address_brings_the_view_back(browser, page):
    fields = {"theta": 1.7, "J": 4.2, "D": 0.031, "rotation": 12, "probe": "top", "snr": 15}
    show(browser, **fields, noise="on", arrows="on")
    before, hash_ = seen(browser, 200), browser.run("location.hash")
    browser.open("about:blank")
    browser.open(page.as_uri() + hash_)
    browser.wait("window.explorer !== undefined")
    browser.frames()
    np.testing.assert_array_equal(seen(browser, 200), before)
    assert browser.run("document.getElementById('arrows').checked")
    browser.run("location.hash = '#theta=99&J=oops&D=0.1&probe=none'")
    browser.frames(3)
    numbers = browser.run("explorer.numbers()")
    highest = browser.run("explorer.model.about.ranges.twist_angle[1]")
    assert (numbers["twist_angle_deg"], numbers["anisotropy_mev"]) == (highest, 0.1)


def test_what_the_model_does_not_know_is_said_as_draw_says_it(browser, model):
    show(browser, theta=0.2, J=1.0, D=0.3)
    with pytest.raises(ValueError) as refusal:
        drawn_at(model, 0.2, 1.0, 0.3)
    said = text_of(browser, "refusal").split("at least")[0]
    assert said and str(refusal.value).startswith(said)
    assert text_of(browser, "phase") == "–"
    show(browser, theta=1.1)
    assert browser.run("document.getElementById('refusal').hidden")


def test_lines_are_understood_by_the_command_line_and_the_config(browser):
    show(browser, theta=1.15, J=3.3, D=0.07, rotation=10, x=2.5, window=80, pixels=90)
    parser = build_parser()
    options = parser.parse_args(shlex.split(text_of(browser, "draw-line"))[1:])
    assert window_of(options) == Window(80.0, 90, 10.0, (2.5, 0.0))
    given = options.twist_deg, options.exchange_mev, options.anisotropy_mev
    assert (*given, str(options.model)) == (1.15, 3.3, 0.07, "model.safetensors")
    options = parser.parse_args(shlex.split(text_of(browser, "state-line"))[1:])
    assert (options.m, options.exchange_mev, options.anisotropy_mev) == (28, 3.3, 0.07)
    assert window_of(options) == Window(80.0, 90, 10.0, (2.5, 0.0))
    lines = yaml.safe_load(text_of(browser, "config-lines"))
    config = config_files.read_configs([PROJECT / "config.yaml"])
    merged = config_files.overlay(config, lines)
    config_check.check_config(
        merged,
        config_check.load_schema(PROJECT / "workflow/schemas/config.schema.yaml"),
        root=PROJECT,
    )
    example = merged["figures"]["fig02"]
    assert (example["twist_index"], example["md"]["exchange_mev"]) == (28, 3.3)


def saved(browser, folder, button, ending):
    """Click a button and return the file that it saves."""
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    place = browser.place_of(f"#{button}")
    browser.click(place["left"] + 10, place["top"] + 10)
    end = time.monotonic() + 30
    while not (found := list(folder.glob(f"*.{ending}"))):
        assert time.monotonic() < end, f"{button} saved no file"
        time.sleep(0.1)
    time.sleep(0.2)
    return found[0]


def test_buttons_save_pixels_numbers_and_a_picture(browser, model, tmp_path):
    show(browser, theta=2.3, J=2.0, D=0.05, window=30, pixels=32, rotation=30)
    table = pd.read_csv(io.StringIO(saved(browser, tmp_path, "save-csv", "csv").read_text()))
    drawn = drawn_at(model, 2.3, 2.0, 0.05)
    wanted = images(model, drawn, angle_deg=2.3, window=Window(30.0, 32, 30.0))
    y, x = np.meshgrid(wanted.centres_nm, wanted.centres_nm, indexing="ij")
    np.testing.assert_allclose(table[["x_nm", "y_nm"]], np.stack([x, y], -1).reshape(-1, 2))
    for layer, name in enumerate(("top", "bottom")):
        columns = table[[f"{name}_s{axis}" for axis in "xyz"]].to_numpy()
        np.testing.assert_allclose(columns, wanted.spins[layer].reshape(-1, 3), atol=0.01)
    numbers = json.loads(saved(browser, tmp_path, "save-json", "json").read_text())
    assert numbers["phase"] == PHASES[drawn.phase]
    assert numbers["view"]["window"] == 30
    picture = imread(saved(browser, tmp_path, "save-png", "png"))
    assert picture.shape[1] > picture.shape[0] > 900


def test_everything_that_can_be_operated_has_a_name(browser):
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    focusable = [
        node
        for node in nodes
        if any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", []))
        and node["role"]["value"] != "RootWebArea"
    ]
    assert len(focusable) > 20
    for node in focusable:
        if node["role"]["value"] not in ("generic", "Pre"):
            assert node["name"]["value"].strip(), node


@pytest.mark.parametrize("width", [360, 800, 1200])
def test_nothing_is_wider_than_the_window(browser, width):
    browser.resize(width, 740, mobile=width < 500)
    for probe in ("both", "stray-field"):
        show(browser, probe=probe, noise="on")
        assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def fox(page, tmp_path_factory):
    """Firefox with the page; for what another browser could do differently."""
    program = firefox.find()
    if program is None:
        pytest.skip("no Firefox here: MOIRESPIN_TEST_FIREFOX=1 lets the tests install it")
    browser = firefox.Browser(program, tmp_path_factory.mktemp("firefox") / "profile")
    browser.open(page.as_uri())
    browser.wait("window.explorer !== undefined")
    yield browser
    browser.close()


def test_firefox_draws_the_pixels_of_draw(fox, model):
    pixels = 100
    fields = {"theta": 2.3, "J": 3.0, "D": 0.06, "rotation": 20.0, "pixels": pixels}
    fox.run(f"explorer.change({json.dumps(fields)}, true)")
    fox.wait("explorer.atRest()")
    seen = fox.run("explorer.images().map((image) => Array.from(image))")
    drawn = drawn_at(model, 2.3, 3.0, 0.06)
    window = Window(100.0, pixels, 20.0)
    wanted = images(model, drawn, angle_deg=2.3, window=window).spins[..., 2]
    assert np.abs(np.reshape(seen, wanted.shape) - wanted).max() < 0.01


def test_slider_and_probe_move_the_image_in_firefox(fox):
    canvas = "document.getElementById('image0').toDataURL()"
    before, angle = (
        fox.run(canvas),
        float(fox.run("document.getElementById('theta').value")),
    )
    fox.press("#theta-slider", ARROW_RIGHT)
    fox.wait("explorer.atRest()")
    moved = fox.run(canvas)
    assert moved != before
    assert float(fox.run("document.getElementById('theta').value")) > angle
    fox.run("explorer.change({probe: 'stray-field', noise: 'on', arrows: 'on'}, true)")
    fox.wait("explorer.atRest()")
    assert fox.run(canvas) != moved


def test_page_asks_firefox_for_nothing_and_has_no_error(fox):
    assert fox.run("performance.getEntriesByType('resource').length") == 0
    assert fox.errors() == []
