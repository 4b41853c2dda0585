"""The order parameter is the largest root of the equation of state."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moirespin.textures.networks import SCALED_EXCHANGE, Layer, features
from moirespin.textures.order import LEAST_ORDER, order_parameter
from random_texture_model import FEATURES, parameter_sets

SLOPE = -2.0


def straight(slope: float, at_zero: float) -> list[Layer]:
    """Return the layer of an equation of state that is linear in the order parameter."""
    weights = np.zeros((FEATURES + 1, 1))
    # The order parameter's feature is (s - 0.5) / 0.2.
    weights[-2] = 0.2 * slope
    return [Layer(weights, np.array([at_zero + 0.5 * slope]))]


def humped() -> list[Layer]:
    """Return the layers of an equation of state that rises before it falls: two roots."""
    first = np.zeros((FEATURES + 1, 2))
    first[-2] = (20.0, 20.0)
    bends = np.array([-20.0 * (0.3 - 0.5) / 0.2, -20.0 * (0.6 - 0.5) / 0.2])
    start = Layer(first, bends)
    # A SiLU this steep is a ramp: flat, rising from 0.3, falling from 0.6 on.
    ends = Layer(np.array([[0.02], [-0.06]]), np.array([-0.2]))
    return [start, ends]


def inputs_at(scaled: np.ndarray) -> np.ndarray:
    inputs = np.zeros((len(scaled), FEATURES))
    inputs[:, SCALED_EXCHANGE] = scaled
    return inputs


def test_a_line_is_inverted():
    wanted = np.linspace(0.1, 1.0, 7)
    found = order_parameter(straight(SLOPE, 1.0), inputs_at(1.0 + SLOPE * wanted))
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_no_domains_beyond_the_line_and_below_the_least_order():
    beyond = 1.0 + SLOPE * np.array([-0.2, 0.0, 0.99 * LEAST_ORDER])
    np.testing.assert_array_equal(order_parameter(straight(SLOPE, 1.0), inputs_at(beyond)), 0)


def test_of_several_roots_the_largest_counts():
    layers = humped()

    def equation(order):
        at = np.zeros((len(order), FEATURES + 1))
        at[:, -2] = (order - 0.5) / 0.2
        hidden = at @ layers[0].weights + layers[0].bias
        return (hidden / (1 + np.exp(-hidden))) @ layers[1].weights[:, 0] + layers[1].bias[0]

    order = np.linspace(LEAST_ORDER, 1, 20_001)
    values = equation(order)
    wanted = 0.5 * (values[0] + values.max())
    roots = order[1:][np.diff(np.sign(values - wanted)) != 0]
    assert len(roots) == 2
    assert order_parameter(layers, inputs_at([wanted])) == pytest.approx(roots[-1], abs=1e-4)


def test_its_derivative_is_that_of_the_inverse():
    layers = straight(SLOPE, 1.0)
    slope = jax.jit(jax.grad(lambda x: order_parameter(layers, inputs_jax(x), jnp)))
    assert slope(0.2) == pytest.approx(1 / SLOPE, rel=1e-3)


def inputs_jax(scaled: jax.Array) -> jax.Array:
    return jnp.zeros(FEATURES).at[SCALED_EXCHANGE].set(scaled)


def test_one_set_at_a_time_gives_the_same_as_all_at_once():
    layers = straight(SLOPE, 1.0)
    inputs = features(parameter_sets(), np.zeros((12, 8)), np)
    own = [float(order_parameter(layers, one)) for one in inputs]
    np.testing.assert_allclose(order_parameter(layers, inputs), own, atol=1e-12)
