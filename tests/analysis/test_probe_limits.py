"""Bounds of probes: those of the pixels of an image of many cells, and how they scale."""

import jax.numpy as jnp
import numpy as np
import pytest

from inference.family import FAMILY, knowledge, photograph
from moirespin.analysis.probe_limits import (
    Study,
    information,
    look_at,
    probe_limits,
    relative_bounds,
    texture_and_slopes,
)
from moirespin.inference.forward import equations, prepare
from moirespin.inference.measurement import MD
from moirespin.inference.seen_waves import Copy
from moirespin.states.parameter_space import Box

STUDY = Study(3, [1.5], 1e4, 1.0, 0.1, 10.0, [0.5, 2.0], [5.0])
BOX = Box((2.0, 4.0), (0.05, 0.2))
STATE = np.array([np.log(1.5), np.log(3.0), 0.12])


@pytest.mark.slow
@pytest.mark.parametrize("units", ["spin", "arbitrary"])
def test_information_is_that_of_the_pixels_of_many_cells(units):
    """Against the least-squares equations of a fit, for which all else than J and D is known."""
    pixels, side = 150, 300.0
    image = photograph(pixels=pixels, window_nm=side, noise=0.0, rotation=0.3)
    setting, data = prepare(image, knowledge(units=units), FAMILY)
    point = np.array([*STATE, 0.3, 3.0, -2.0])
    found = equations(point, Copy(1.0, 0.0, 1.0), data, model=FAMILY, branch=MD, setting=setting)
    by_pixels = found.normal[1:3, 1:3]
    wavevectors, parts = texture_and_slopes(jnp.asarray(STATE), model=FAMILY, branch=MD)
    seen = np.asarray(look_at(wavevectors, parts, 0.0, height_nm=5.0, channel="net", model=FAMILY))
    by_waves = information(
        seen[0], seen[1:], pixels=pixels**2, variance=1.0, free_gain=units == "arbitrary"
    )
    np.testing.assert_allclose(by_waves, by_pixels, rtol=0.05)


def test_bounds_are_the_inverse_of_a_matrix():
    matrix = np.array([[4.0, 1.0], [1.0, 9.0]])
    exchange, anisotropy = relative_bounds(matrix, 0.5)
    assert exchange == pytest.approx(np.sqrt(9 / 35))
    assert anisotropy == pytest.approx(np.sqrt(4 / 35) / 0.5)
    assert relative_bounds(np.zeros((2, 2)), 0.5) == (np.inf, np.inf)


@pytest.mark.slow
def test_bounds_grow_with_noise_and_blur_and_shrink_with_area():
    usual = probe_limits(STUDY, BOX, FAMILY)
    noisy = probe_limits(STUDY._replace(noise_spin=0.2), BOX, FAMILY)
    large = probe_limits(STUDY._replace(area_nm2=4e4), BOX, FAMILY)
    spins = usual["channel"] != "stray-field"
    for name in ("exchange_bound", "anisotropy_bound"):
        np.testing.assert_allclose(noisy[name][spins], 2 * usual[name][spins])
        np.testing.assert_allclose(noisy[name][~spins], usual[name][~spins])
        np.testing.assert_allclose(large[name], usual[name] / 2)
        blurred = usual[usual["varied"] == "point_spread_nm"].pivot_table(
            name, ["channel", "exchange_mev", "anisotropy_mev"], "value"
        )
        assert (blurred[2.0] > blurred[0.5]).all()
        angle = usual[usual["varied"] == "twist_deg"].pivot_table(
            name, ["channel", "exchange_mev", "anisotropy_mev"], "gain"
        )
        # What is not known cannot help.
        assert (angle["free"] >= angle["known"]).all()


@pytest.mark.slow
def test_ferromagnets_are_left_out():
    found = probe_limits(STUDY, Box((2.0, 4.0), (0.05, 0.5)), FAMILY)
    # The family is ferromagnetic from D = 0.25 on.
    assert found["anisotropy_mev"].max() < 0.25
    assert set(found["phase"]) <= {"NCD", "MD"}
