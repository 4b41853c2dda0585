"""The model's symmetries, derivatives and energies, whatever its weights are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moirespin.textures.model import DOMAIN, NONCOLLINEAR, energies, phase, tilt
from moirespin.textures.model_files import load_model, save_model
from moirespin.textures.networks import Layer, dense, features, landau_order
from moirespin.textures.training import Dense
from random_texture_model import FEATURES, parameter_sets, random_model

NO_REGISTRY = np.zeros(8)


def test_layers_of_a_noncollinear_texture_are_tilted_oppositely():
    top, bottom = np.moveaxis(
        tilt(random_model(), parameter_sets(), NO_REGISTRY, branch=NONCOLLINEAR), 1, 0
    )
    np.testing.assert_array_equal(top, -bottom)


@pytest.mark.parametrize("branch", [NONCOLLINEAR, DOMAIN])
def test_textures_are_differentiable_in_all_parameters(branch):
    model, registry = random_model(), jnp.zeros(8)
    weights = np.random.default_rng(1).normal(size=(2, 2, model.waves.number))

    def total(parameters, xp=jnp):
        return xp.sum(weights * tilt(model, parameters, registry, branch=branch, xp=xp))

    for parameters in parameter_sets()[:4]:
        slopes = jax.grad(total)(jnp.asarray(parameters))
        for n, step in enumerate(1e-6 * parameters):
            ends = [parameters + sign * step * np.eye(3)[n] for sign in (1, -1)]
            expected = (total(ends[0], np) - total(ends[1], np)) / (2 * step)
            assert slopes[n] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_one_set_at_a_time_gives_the_same_as_all_at_once():
    model, sets = random_model(), parameter_sets()
    own = jax.vmap(lambda one: tilt(model, one, jnp.zeros(8), branch=DOMAIN, xp=jnp))(
        jnp.asarray(sets)
    )
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


def test_the_order_parameter_is_the_minimum_of_its_expansion():
    for b, a in [(0.3, 0.2), (-0.2, 0.1), (-0.3, -0.05)]:
        x = np.linspace(0, 3, 300_001)
        expansion = -a * x / 2 + b * x**2 / 2 + x**3 / 6
        lowest = (
            x[1 + np.argmin(expansion[1:])]
            if b > 0
            else x[np.argmin(np.where(x > -b, expansion, 9))]
        )
        assert landau_order(np.array([b, a]), np) ** 2 == pytest.approx(lowest, abs=1e-4)


def test_dense_layers_are_those_of_flax():
    network = Dense([FEATURES, 5, 4], nnx.Rngs(0))
    layers = [Layer(np.asarray(n.kernel[...]), np.asarray(n.bias[...])) for n in network.layers]
    inputs = features(parameter_sets(), np.zeros((12, 8)), np)
    np.testing.assert_allclose(dense(layers, inputs, np), network(jnp.asarray(inputs)), atol=1e-5)


def test_textures_depend_on_the_scaled_exchange_and_on_the_angle_apart():
    sets = np.array([[1.0, 4.0, 0.1], [2.0, 1.0, 0.1]])
    first, second = features(sets, np.zeros((2, 8)), np)
    same = np.isclose(first, second)
    assert same.sum() == len(first) - 1


def test_a_model_survives_its_files(tmp_path):
    model = random_model()
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    again = load_model(path)
    sets = parameter_sets()
    for branch in (NONCOLLINEAR, DOMAIN):
        expected = tilt(model, sets, NO_REGISTRY, branch=branch)
        np.testing.assert_allclose(
            tilt(again, sets, NO_REGISTRY, branch=branch), expected, atol=1e-5
        )
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot be read as a texture model"):
        load_model(path)


def test_where_domains_grow_continuously_the_order_parameter_decides():
    model, one = random_model(), np.array([2.0, 3.0, 0.05])
    last = model.networks["order"][-1]
    last.weights[:] = 0
    last.bias[:] = (0.3, 0.2, 1e-4)
    found = energies(model, one, NO_REGISTRY)
    assert phase(found) == DOMAIN
    assert found.domain < found.noncollinear
    # A transition of first order is one of energies.
    last.bias[:] = (-0.3, 0.2, 1e-4)
    assert phase(energies(model, one, NO_REGISTRY)) != DOMAIN
