"""The model's symmetries, derivatives and energies, whatever its weights are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.textures.model import DOMAIN, NONCOLLINEAR, energies, phase, tilt
from random_texture_model import parameter_sets, random_model

NO_REGISTRY = np.zeros(8)


def test_layers_of_a_noncollinear_texture_are_tilted_oppositely():
    top, bottom = np.moveaxis(
        tilt(random_model(), parameter_sets(), NO_REGISTRY, branch=NONCOLLINEAR), 1, 0
    )
    np.testing.assert_array_equal(top, -bottom)


@pytest.mark.slow
@pytest.mark.parametrize("branch", [NONCOLLINEAR, DOMAIN])
def test_textures_are_differentiable_in_all_parameters(branch):
    model, registry = random_model(), jnp.zeros(8)
    weights = np.random.default_rng(1).normal(size=(2, 2, model.waves.number))

    def total(parameters, xp=jnp):
        return xp.sum(weights * tilt(model, parameters, registry, branch=branch, xp=xp))

    slope_at = jax.jit(jax.grad(total))
    for parameters in parameter_sets()[:4]:
        slopes = slope_at(jnp.asarray(parameters))
        for n, step in enumerate(1e-6 * parameters):
            ends = [parameters + sign * step * np.eye(3)[n] for sign in (1, -1)]
            expected = (total(ends[0], np) - total(ends[1], np)) / (2 * step)
            assert slopes[n] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_one_set_at_a_time_gives_the_same_as_all_at_once():
    model, sets = random_model(), parameter_sets()
    registry = jnp.zeros(8)
    one_by_one = jax.vmap(lambda one: tilt(model, one, registry, branch=DOMAIN, xp=jnp))
    own = jax.jit(one_by_one)(jnp.asarray(sets))
    np.testing.assert_allclose(own, tilt(model, sets, NO_REGISTRY, branch=DOMAIN), atol=1e-10)


def test_the_noncollinear_energy_vanishes_as_the_fourth_power_at_the_stability_limit():
    model = random_model()
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        lost = energies(model, np.array([2.0, 3.0, middle]), NO_REGISTRY).noncollinear == 0
        low, high = (low, middle) if lost else (middle, high)
    near = [
        float(energies(model, np.array([2.0, 3.0, low * (1 - off)]), NO_REGISTRY).noncollinear)
        for off in (1e-3, 2e-3)
    ]
    assert near[1] / near[0] == pytest.approx(4, rel=0.02)
    above = np.array([2.0, 3.0, 1.01 * high])
    assert energies(model, above, NO_REGISTRY).noncollinear == 0


def test_the_phase_is_that_of_the_lowest_energy():
    model, sets = random_model(), parameter_sets()
    found = energies(model, sets, NO_REGISTRY)
    chosen = phase(found)
    assert set(chosen) >= {1, 2}
    for own, noncollinear, domain, order in zip(chosen, *found, strict=True):
        if own == DOMAIN:
            assert domain < noncollinear <= 0 < order
        elif order > 0.05:
            assert noncollinear <= domain
