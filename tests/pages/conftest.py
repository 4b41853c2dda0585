"""A page of the shipped texture model with a few sets, and a browser to look at it with."""

import numpy as np
import pytest
import xarray as xr

import chromium
from moirespin.pages import explorer
from moirespin.physics.lattice import twist_angle_deg
from moirespin.textures.model_files import SHIPPED

MAGNET = {"spin": 1.5, "g_factor": 2.0}
# Twist index, J, D, phase.
SETS = [(30, 3.0, 0.1, 2), (30, 8.0, 0.25, 1), (16, 2.5, 0.05, 1), (16, 8.0, 0.28, 0)]


@pytest.fixture(scope="session")
def sets():
    """Four sets at two angles, in the shape of a phase diagram."""
    indices, exchange, anisotropy, phases = map(np.array, zip(*SETS, strict=True))
    return xr.Dataset(
        {
            "twist_index": ("set", indices),
            "set_number": ("set", np.arange(len(SETS))),
            "twist_angle": ("set", [twist_angle_deg(int(m)) for m in indices]),
            "exchange": ("set", exchange),
            "anisotropy": ("set", anisotropy),
            "phase": ("set", phases),
            "magnetization": (("set", "layer"), np.full((len(SETS), 2), 0.5)),
        }
    )


@pytest.fixture(scope="session")
def page(sets, tmp_path_factory):
    """The page."""
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    explorer.write(path, SHIPPED, magnet=MAGNET, sets=sets, name="tiny", named="model.safetensors")
    return path


@pytest.fixture(scope="session")
def started(tmp_path_factory):
    """A browser."""
    program = chromium.find()
    if program is None:
        pytest.skip("no Chromium here: MOIRESPIN_TEST_CHROMIUM=1 lets the tests install it")
    browser = chromium.Browser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def browser(started, page):
    """The browser with the page as it is first seen."""
    started.errors.clear()
    started.requests.clear()
    started.resize(1440, 900)
    started.open("about:blank")
    started.open(page.as_uri())
    started.wait("window.explorer !== undefined")
    started.frames()
    yield started
    assert started.errors == []
