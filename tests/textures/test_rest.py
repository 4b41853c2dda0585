"""The kernel that takes up what the networks of domain textures leave."""

import numpy as np

from moirespin.textures.interpolation import interpolate_equation
from moirespin.textures.networks import SCALED_EXCHANGE, features
from moirespin.textures.order import LEAST_ORDER, MOST_ORDER, order_parameter
from moirespin.textures.rest import (
    LENGTHS,
    NONE,
    Rest,
    kernel,
    places,
    refined_order,
    rest_of_components,
)
from random_texture_model import parameter_sets, random_model

GENERATOR = np.random.default_rng(5)


def test_the_kernel_is_the_covariance_of_a_process_and_has_its_slope():
    place = GENERATOR.normal(size=(20, 3))
    covariance, slope = kernel(place, place)
    np.testing.assert_allclose(np.diag(covariance), 1, atol=1e-9)
    np.testing.assert_array_equal(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > 0
    step = np.array([1e-5, 0, 0])
    ends = [kernel(place + sign * step, place)[0] for sign in (1, -1)]
    expected = (ends[0] - ends[1]) / (2e-5 * LENGTHS[0])
    np.testing.assert_allclose(slope, expected, atol=1e-7 / LENGTHS[0])


def test_without_a_rest_nothing_changes():
    order = np.array([0.0, 0.3])
    inputs, layers = features(parameter_sets()[:2], np.zeros(8), np), random_model().networks
    found = refined_order(layers["order"], NONE, parameter_sets()[:2], inputs=inputs, order=order)
    np.testing.assert_array_equal(found, order)
    assert np.all(rest_of_components(NONE, parameter_sets()[:2], order=order) == 0)


def test_a_refined_order_parameter_stays_among_those_that_were_trained_on():
    sets = parameter_sets()
    inputs, layers = features(sets, np.zeros(8), np), random_model().networks["order"]
    for pull, end in ((-50.0, LEAST_ORDER), (50.0, MOST_ORDER)):
        near = places(sets, np.full(len(sets), end))
        rest = Rest(near, np.full(len(sets), pull), np.zeros((0, 1)))
        order = np.full(len(sets), end)
        found = refined_order(layers, rest, sets, inputs=inputs, order=order)
        np.testing.assert_array_equal(found, end)


def test_the_refined_order_parameter_solves_the_equation_with_its_rest():
    sets = parameter_sets()
    inputs, layers = features(sets, np.zeros(8), np), random_model().networks["order"]
    order = order_parameter(layers, inputs)
    assert (order > LEAST_ORDER).any()
    # A rest that is the same everywhere near moves J, as J itself does.
    near = places(sets, np.maximum(order, 0.3))
    weights = interpolate_equation(near, np.full(len(sets), 2e-3), np.ones(len(sets)))
    rest = Rest(near, weights, np.zeros((0, 1)))
    found = refined_order(layers, rest, sets, inputs=inputs, order=order)
    assert np.all(found[order == 0] == 0)
    left = kernel(places(sets, found), near)[0] @ weights
    moved = inputs.copy()
    moved[:, SCALED_EXCHANGE] -= left
    there = (order > 0.1) & (order < 0.95)
    assert there.any()
    np.testing.assert_allclose(found[there], order_parameter(layers, moved)[there], atol=1e-6)
    assert np.abs(found - order)[there].min() > 1e-4
