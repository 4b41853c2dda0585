"""The fit of lambda: closed forms of the share, and the scaling that it rests on."""

import numpy as np
import pytest

from moirespin.states.parameter_space import Box
from moirespin.states.phase_lines import critical_anisotropy
from moirespin.states.scale_fit import ferromagnetic_share, fit_scale, unit_limits

BOX = Box(exchange_mev=(1.0, 10.0), anisotropy_mev=(0.0, 0.4))


def test_share_below_a_flat_limit_is_the_rest_of_the_box():
    limits = [lambda exchange: 0.1 + 0 * exchange, lambda exchange: 0.3 + 0 * exchange]
    assert ferromagnetic_share(1.0, limits, BOX) == pytest.approx(1 - 0.2 / 0.4)


def test_limits_beyond_the_box_leave_all_of_it_or_nothing():
    never, always = (lambda exchange: 1 + 0 * exchange), (lambda exchange: -1 + 0 * exchange)
    assert ferromagnetic_share(1.0, [never], BOX) == 0
    assert ferromagnetic_share(1.0, [always], BOX) == 1


def test_fit_finds_the_scale_of_a_flat_limit():
    limits = [lambda exchange: 0.25 + 0 * exchange]
    # A share s is left above lambda 0.25 meV = (1 - s) 0.4 meV.
    assert fit_scale(limits, BOX, share=0.248) == pytest.approx(0.752 * 0.4 / 0.25, abs=1e-5)


def test_a_share_out_of_reach_is_one_sentence():
    with pytest.raises(ValueError, match=r"^no interlayer\.scale in .* share of 0\.9$"):
        fit_scale([lambda exchange: 0.3 + 0 * exchange], BOX, share=0.9)


def test_limit_of_another_scale_follows_from_that_of_one(couplings, recipe):
    """D_c(J; lambda) = lambda D_c(J / lambda; 1), to the precision of the spline."""
    (limit,) = unit_limits([8], recipe.material, (1.0, 10.0))
    exchange = np.array([1.3, 4.0, 9.0])
    expected = critical_anisotropy(couplings(8, 1.3), exchange)
    np.testing.assert_allclose(1.3 * limit(exchange / 1.3), expected, atol=5e-4)
