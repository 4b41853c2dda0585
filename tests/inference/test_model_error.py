"""Errors of the texture model move the fit and widen the posterior."""

from dataclasses import replace

import numpy as np
import pytest

from inference.family import FAMILY, INDEX, knowledge, patches, photograph, read
from moirespin.inference.forward import prepare, signal_and_slopes
from moirespin.inference.measurement import MD
from moirespin.inference.model_error import LARGEST_SHARE, error_forces, model_moves
from moirespin.inference.posterior import explore


@pytest.fixture(scope="module")
def clear():
    """The prepared pixels of an image of little noise, and its posterior."""
    image = photograph(noise=0.02)
    return prepare(image, knowledge(), FAMILY)[1], read(image)


@pytest.mark.slow
def test_errors_of_the_texture_model_widen_the_posterior(clear):
    data, sharp = clear
    example = np.zeros((20, 2, 3, len(INDEX)), complex)
    example[:, 0, 2] = 0.1 * np.asarray(patches(0.1))
    flawed = replace(FAMILY, misfit=lambda *_: example)
    call = {"excess_mev": 1.0, "samples": 4000, "generator": np.random.default_rng(2)}
    wide = explore(sharp.modes[0], data, flawed, **call)
    error, narrow = wide.model_error[1], np.log(sharp.samples["exchange_mev"]).std()
    assert error > 3 * narrow
    # Student's distribution of 20 degrees of freedom has a variance of 20 / 18.
    expected = np.hypot(narrow, error * np.sqrt(20 / 18))
    np.testing.assert_allclose(wide.points[:, 1].std(), expected, rtol=0.05)


@pytest.mark.slow
def test_move_by_a_model_error_is_that_of_a_fit_to_the_wrong_texture(clear):
    # The model's texture is off by what a change of ln J by 0.01 does: the fit follows by -0.01.
    data, found = clear
    at, moved = (1.5, 3.0, 0.12), (1.5, 3.0 * np.exp(0.01), 0.12)
    change = FAMILY.amplitudes(MD, moved) - FAMILY.amplitudes(MD, at)
    flawed = replace(FAMILY, misfit=lambda *_: np.asarray(change)[None])
    mode = found.modes[0]
    moves = model_moves(mode, data, flawed, normal=mode.normal)
    np.testing.assert_allclose(moves[0, 1], -0.01, rtol=0.1)


def test_error_of_an_unscaled_texture_is_no_more_than_a_share_of_it(clear):
    data, found = clear
    mode = found.modes[0]
    example = 50 * np.asarray(patches(0.1)) * np.array([[[1]], [[0]]]) * np.ones((1, 2, 3, 1))
    large = replace(FAMILY, misfit=lambda *_: example)
    value, _ = signal_and_slopes(
        mode.point,
        mode.copy,
        data,
        model=FAMILY,
        branch=mode.branch,
        setting=mode.setting,
        reach=mode.reach,
    )
    _, changes = error_forces(mode, data, large)
    signal = np.linalg.norm(mode.gain * value)
    assert np.linalg.norm(changes[0]) == pytest.approx(LARGEST_SHARE * signal)
