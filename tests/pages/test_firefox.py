"""The explorer in a real Firefox: it loads, draws what `moirespin draw` draws, and asks nobody."""

import json

import numpy as np
import pytest

import firefox
from moirespin.images.window import Window
from moirespin.textures.drawing import draw, images
from moirespin.textures.model_files import SHIPPED, load_model

pytestmark = pytest.mark.slow

ARROW_RIGHT = "\ue014"


@pytest.fixture(scope="module")
def browser(page, tmp_path_factory):
    """Firefox with the page."""
    program = firefox.find()
    if program is None:
        pytest.skip("no Firefox here: MOIRESPIN_TEST_FIREFOX=1 lets the tests install it")
    browser = firefox.Browser(program, tmp_path_factory.mktemp("firefox") / "profile")
    browser.open(page.as_uri())
    browser.wait("window.explorer !== undefined")
    yield browser
    browser.close()


def test_pixels_are_those_of_draw(browser):
    pixels = 100
    fields = {"theta": 2.3, "J": 3.0, "D": 0.06, "rotation": 20.0, "pixels": pixels}
    browser.run(f"explorer.change({json.dumps(fields)}, true)")
    browser.wait("explorer.atRest()")
    seen = browser.run("explorer.images().map((image) => Array.from(image))")
    model = load_model(SHIPPED)
    drawn = draw(model, angle_deg=2.3, exchange_mev=3.0, anisotropy_mev=0.06)
    window = Window(100.0, pixels, 20.0)
    wanted = images(model, drawn, angle_deg=2.3, window=window).spins[..., 2]
    assert np.abs(np.reshape(seen, wanted.shape) - wanted).max() < 0.01


def test_slider_and_probe_move_the_image(browser):
    canvas = "document.getElementById('image0').toDataURL()"
    before, angle = (
        browser.run(canvas),
        float(browser.run("document.getElementById('theta').value")),
    )
    browser.press("#theta-slider", ARROW_RIGHT)
    browser.wait("explorer.atRest()")
    moved = browser.run(canvas)
    assert moved != before
    assert float(browser.run("document.getElementById('theta').value")) > angle
    browser.run("explorer.change({probe: 'stray-field', noise: 'on', arrows: 'on'}, true)")
    browser.wait("explorer.atRest()")
    assert browser.run(canvas) != moved


def test_page_asks_for_nothing_and_has_no_error(browser):
    assert browser.run("performance.getEntriesByType('resource').length") == 0
    assert browser.errors() == []
