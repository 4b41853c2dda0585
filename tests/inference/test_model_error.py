"""Errors of the texture model move the fit and widen the posterior."""

from dataclasses import replace

import numpy as np

from inference.family import FAMILY, INDEX, patches, photograph, read
from moirespin.inference.measurement import (
    MD,
)


def test_errors_of_the_texture_model_widen_the_posterior():
    example = np.zeros((1, 2, 3, len(INDEX)), complex)
    example[0, 0, 2] = 0.1 * np.asarray(patches(0.1))
    flawed = replace(FAMILY, misfit=lambda *_: example)
    image = photograph(noise=0.02)
    sharp, wide = read(image), read(image, model=flawed)
    error = wide.clouds[0].model_error[1]
    expected = np.hypot(np.log(sharp.samples["exchange_mev"]).std(), error)
    assert error > 3 * np.log(sharp.samples["exchange_mev"]).std()
    np.testing.assert_allclose(np.log(wide.samples["exchange_mev"]).std(), expected, rtol=0.05)
    assert any("dominates" in sentence for sentence in wide.warnings)


def test_move_by_a_model_error_is_that_of_a_fit_to_the_wrong_texture():
    # The model's texture is off by what a change of ln J by 0.01 does: the fit follows by -0.01.
    at, moved = (1.5, 3.0, 0.12), (1.5, 3.0 * np.exp(0.01), 0.12)
    change = FAMILY.amplitudes(MD, moved) - FAMILY.amplitudes(MD, at)
    flawed = replace(FAMILY, misfit=lambda *_: np.asarray(change)[None])
    found = read(photograph(noise=0.02), model=flawed)
    np.testing.assert_allclose(found.clouds[0].model_error[1], 0.01, rtol=0.1)
