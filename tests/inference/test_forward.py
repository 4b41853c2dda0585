"""The equations of a fit: derivatives, elimination of gain and background, copies."""

import numpy as np
import pytest

from inference.family import FAMILY, fit_of, knowledge, photograph
from moirespin.inference import forward
from moirespin.inference.measurement import MD, NCD
from moirespin.inference.seen_waves import CORE


@pytest.mark.parametrize("units", ["spin", "arbitrary"])
def test_slope_is_half_the_derivative_of_the_misfit(units):
    data, call, point, copy = fit_of(photograph(), knowledge(units=units))
    found = forward.equations(point, copy, data, **call)
    for number, step in enumerate([1e-6, 1e-5, 1e-5, 1e-6, 1e-5, 1e-5]):
        ends = [
            forward.equations(point + s * np.eye(len(point))[number], copy, data, **call).misfit
            for s in (step, -step)
        ]
        np.testing.assert_allclose(
            -0.5 * (ends[0] - ends[1]) / (2 * step), found.slope[number], rtol=2e-4, atol=1e-3
        )


def test_gain_and_background_change_nothing_but_the_scale():
    plain = fit_of(photograph(noise=0.0), knowledge())
    scaled = fit_of(photograph(noise=0.0, scale=(-3.0, 8.0, np.array([0.02, 0.05]))), knowledge())
    first, second = (
        forward.equations(point, copy, data, **call) for data, call, point, copy in (plain, scaled)
    )
    np.testing.assert_allclose(second.misfit, 9 * first.misfit)
    np.testing.assert_allclose(second.normal, 9 * first.normal, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(second.gain, -3 * first.gain)


@pytest.mark.parametrize(
    ("branch", "channel", "one", "other"),
    [
        # The layers' mean sees of a change of layers the mirror alone.
        (MD, "net", (1, 1, 1), (-1, 0, 1)),
        # A noncollinear texture is the same after a change of layers.
        (NCD, "top", (1, 1, 1), (-1, 0, 1)),
    ],
)
def test_copies_that_a_channel_cannot_tell_apart_look_alike(branch, channel, one, other):
    images = [
        photograph(branch, channel=channel, copy=copy, noise=0.0).images for copy in (one, other)
    ]
    np.testing.assert_allclose(*images, atol=1e-12)


def test_background_basis_is_orthonormal_on_the_seen_pixels():
    image = photograph(channel="both")
    image.seen[0, :20] = 0
    basis = forward.background_basis(image)
    np.testing.assert_allclose(basis.T @ basis, np.eye(6), atol=1e-12)
    assert not basis[(image.seen == 0).ravel()].any()


def test_parameters_follow_what_is_unknown():
    names = [
        forward.prepare(photograph(), known, FAMILY)[0].names
        for known in (
            knowledge(),
            knowledge(point_spread_nm=(0.8, 0.2)),
            knowledge("stray-field", height_nm=(10.0, 2.0)),
        )
    ]
    assert names[0] == CORE
    assert names[1][6:] == ("point_spread",)
    assert names[2][6:] == ("azimuth", "height")
