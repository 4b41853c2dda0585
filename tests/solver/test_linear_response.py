"""Response of relaxed textures to J and D, against finite differences, symmetry and scaling.

Lanes are used throughout: the coplanar pool holds a noncollinear and a domain state side by side,
the general one two states that lie in no plane.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

from moirespin.analysis.fisher_information import build_view, fisher_matrix, image_information
from moirespin.images.raster import first_quadrant, render
from moirespin.images.window import Window
from moirespin.physics.hamiltonian import Couplings, Parameters, dot, effective_field
from moirespin.solver.linear_response import (
    RESPONSE_RESIDUAL,
    apply_hessian,
    gradient,
    polish,
    respond,
    solve,
)
from moirespin.solver.relaxation import GEOMETRIES, displacement
from moirespin.states.ground_state import layer_magnetization, structured_starts
from moirespin.states.phases import DOMAIN, NONCOLLINEAR, Thresholds, classify
from moirespin.states.sweep import draw_directions

pytestmark = pytest.mark.slow

# A small cell at strong interlayer exchange has all phases.
SIZE, SCALE = 5, 3.0
STEP_MEV = 1e-4
POOLS = ("coplanar", "general")


class Pool(NamedTuple):
    """Relaxed textures (component, site, lane) and what they were made with."""

    spins: jnp.ndarray
    couplings: Couplings
    parameters: Parameters


def settle(spins, couplings, constants, sweeps=3_000):
    """Turn spins (component, site) towards their fields again and again: a plain relaxation."""
    exchange, anisotropy = constants
    sites = len(couplings.neighbours)

    def bonds(columns, values):
        rows = np.repeat(np.arange(sites), columns.shape[1])
        shape = (sites, sites)
        return scipy.sparse.csr_matrix((values.ravel(), (rows, columns.ravel())), shape)

    matrix = exchange * bonds(np.asarray(couplings.neighbours), np.ones((sites, 3)))
    matrix -= bonds(np.asarray(couplings.partners), np.asarray(couplings.interlayer))
    # What is added along the spin itself damps the turn.
    matrix = (matrix + scipy.sparse.eye(sites)).tocsr()
    spins = np.array(spins.T, float)
    for _ in range(sweeps):
        field = matrix @ spins
        field[:, -1] += 2 * anisotropy * spins[:, -1]
        spins = field / np.linalg.norm(field, axis=1, keepdims=True)
    return spins.T


@pytest.fixture(scope="module")
def pools(couplings, solver):
    bonds = couplings(SIZE, SCALE)
    sites = len(bonds.neighbours)
    noncollinear, domain = structured_starts(bonds, ("tilted", "domain"))
    random = [draw_directions(1, SIZE, 0, start=number, sites=sites) for number in range(2)]
    made = {
        "coplanar": ([noncollinear, domain], [(2.0, 0.1), (0.5, 0.1)]),
        "general": (random, [(0.5, 0.02), (0.6, 0.03)]),
    }
    found = {}
    for name, (starts, constants) in made.items():
        settled = [settle(*pair) for pair in zip(starts, [bonds] * 2, constants, strict=True)]
        parameters = Parameters(*map(jnp.asarray, np.transpose(constants)))
        spins = polish(jnp.stack(settled, axis=-1), bonds, parameters, solver=solver)
        found[name] = Pool(spins, bonds, parameters)
    return found


@pytest.fixture(scope="module")
def answers(pools, solver):
    return {name: respond(*pool, solver=solver) for name, pool in pools.items()}


@pytest.fixture(params=POOLS)
def pool(request, pools):
    return pools[request.param]


def draw_tangent(spins, seed):
    vectors = np.random.default_rng(seed).standard_normal(spins.shape)
    return GEOMETRIES[spins.shape[0]].project(spins, jnp.asarray(vectors))


def as_lanes(spins):
    """Return (lane, site, 3) of spins (component, site, lane), two components being x and z."""
    spins = np.asarray(spins)
    if len(spins) == 2:
        spins = np.stack([spins[0], np.zeros_like(spins[0]), spins[1]])
    return np.moveaxis(spins, 0, -1).swapaxes(0, 1)


def curve(spins, tangent, couplings, parameters):
    along = dot(spins, effective_field(spins, couplings, parameters))
    return apply_hessian(spins, along, tangent, couplings=couplings, parameters=parameters)


def largest_torques_mev(spins, couplings, parameters):
    """Return the largest |S x h| of each lane by NumPy's cross product."""
    field = effective_field(spins, couplings, parameters)
    torques = np.linalg.norm(np.cross(as_lanes(spins), as_lanes(field)), axis=-1)
    return torques.max(axis=1)


def without_turn(change, spins):
    """Return a change of spins (component, site, lane) less a common turn of each lane about z."""
    spins, change = np.asarray(spins), np.asarray(change)
    if len(change) < 3:
        return change
    turn = np.stack([-spins[1], spins[0], np.zeros_like(spins[2])])
    return change - turn * np.sum(turn * change, axis=(0, 1)) / np.sum(turn**2, axis=(0, 1))


def test_pools_hold_what_they_are_said_to(pools):
    layers = layer_magnetization(np.moveaxis(np.asarray(pools["coplanar"].spins), -1, 0))
    assert list(classify(layers, Thresholds(0.9999, 0.05))) == [NONCOLLINEAR, DOMAIN]
    for lane in as_lanes(pools["general"].spins):
        # Far from every plane through z, and so from every plane that a ground state lies in.
        assert np.linalg.svd(lane[:, :2], compute_uv=False)[1] > 1


def test_polish_leaves_no_torque(pool):
    assert largest_torques_mev(*pool).max() < 1e-11
    np.testing.assert_allclose(np.sum(np.asarray(pool.spins) ** 2, axis=0), 1, atol=1e-14)


def test_hessian_is_the_change_of_the_gradient(pool):
    """Along great circles; away from the minimum too, where the gradient does not vanish."""
    geometry = GEOMETRIES[pool.spins.shape[0]]
    away = 0.1 * geometry.embed(pool.spins, draw_tangent(pool.spins, 1))
    spins = pool.spins + displacement(pool.spins, away)
    tangent = draw_tangent(spins, 2)
    step = 1e-5

    def gradient_at(reach):
        moved = spins + displacement(spins, geometry.embed(spins, reach * tangent))
        return gradient(moved, pool.couplings, pool.parameters)

    difference = (gradient_at(step) - gradient_at(-step)) / (2 * step)
    expected = geometry.cleanse(spins, difference)
    found = curve(spins, tangent, pool.couplings, pool.parameters)
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


def test_hessian_is_symmetric_and_positive(pool):
    tangents = [draw_tangent(pool.spins, seed) for seed in (3, 4)]
    curved = [curve(pool.spins, x, pool.couplings, pool.parameters) for x in tangents]
    products = np.array(
        [[np.sum(np.asarray(x * y), axis=(0, 1)) for y in curved] for x in tangents]
    )
    np.testing.assert_allclose(products[0, 1], products[1, 0], rtol=1e-10)
    assert (products[0, 0] > 0).all()


def test_solve_inverts_the_hessian(pool, solver):
    geometry = GEOMETRIES[pool.spins.shape[0]]
    force = draw_tangent(pool.spins, 5)
    settings = {"solver": solver, "residual": RESPONSE_RESIDUAL}
    answer, residual = solve(
        pool.spins, force, pool.couplings, parameters=pool.parameters, **settings
    )
    assert (residual <= RESPONSE_RESIDUAL).all()
    np.testing.assert_allclose(geometry.cleanse(pool.spins, answer), answer, atol=1e-10)
    found = curve(pool.spins, answer, pool.couplings, pool.parameters)
    np.testing.assert_allclose(found, without_turn(force, pool.spins), atol=1e-7)


@pytest.mark.parametrize("which", ["intralayer", "anisotropy"])
@pytest.mark.parametrize("name", POOLS)
def test_response_is_that_of_states_relaxed_again(name, which, pools, answers, solver):
    pool, ends = pools[name], []
    for step in (STEP_MEV, -STEP_MEV):
        moved = {which: getattr(pool.parameters, which) + step}
        parameters = pool.parameters._replace(**moved)
        spins = polish(pool.spins, pool.couplings, parameters, solver=solver)
        assert largest_torques_mev(spins, pool.couplings, parameters).max() < 1e-11
        ends.append(np.asarray(spins))
    expected = (ends[0] - ends[1]) / (2 * STEP_MEV)
    found = np.asarray(getattr(answers[name], f"by_{which}"))
    for lane in range(2):
        scale = np.abs(expected[..., lane]).max()
        assert scale > 0.01
        np.testing.assert_allclose(found[..., lane], expected[..., lane], atol=1e-4 * scale)


def test_only_ratios_of_the_energies_matter(couplings, pools, answers, solver):
    """J dS/dJ + D dS/dD + lambda dS/dlambda = 0."""
    pool, answer = pools["coplanar"], answers["coplanar"]
    step = 1e-4
    ends = [
        polish(pool.spins, couplings(SIZE, SCALE + side), pool.parameters, solver=solver)
        for side in (step, -step)
    ]
    by_scale = np.asarray(ends[0] - ends[1]) / (2 * step)
    by_constants = pool.parameters.intralayer * answer.by_intralayer
    by_constants += pool.parameters.anisotropy * answer.by_anisotropy
    scale = np.abs(by_constants).max()
    assert scale > 0.01
    np.testing.assert_allclose(by_constants, -SCALE * by_scale, atol=1e-4 * scale)


def test_plane_of_a_texture_does_not_matter(pools, answers, solver):
    """Turned about z, a coplanar texture has a zero mode; it answers as before, turned."""
    pool = pools["coplanar"]
    sine, cosine = np.sin(0.7), np.cos(0.7)

    def turn(vectors):
        x, z = vectors
        return jnp.stack([cosine * x, sine * x, z])

    turned = respond(turn(pool.spins), pool.couplings, pool.parameters, solver=solver)
    assert (turned.residual <= RESPONSE_RESIDUAL).all()
    for name in ("by_intralayer", "by_anisotropy"):
        expected = turn(getattr(answers["coplanar"], name))
        scale = np.abs(expected).max()
        np.testing.assert_allclose(getattr(turned, name), expected, atol=1e-6 * scale)


def test_lanes_do_not_touch_each_other(pools, answers, solver):
    pool, answer = pools["coplanar"], answers["coplanar"]
    swapped = Parameters(*(x[::-1] for x in pool.parameters))
    other = respond(pool.spins[..., ::-1], pool.couplings, swapped, solver=solver)
    scale = np.abs(answer.by_anisotropy).max()
    np.testing.assert_allclose(
        other.by_anisotropy[..., ::-1], answer.by_anisotropy, atol=1e-8 * scale
    )


def test_a_state_that_is_no_minimum_is_said_to_be_none(pools, solver):
    """The ferromagnet far below its stability limit beside a domain state."""
    pool = pools["coplanar"]
    uniform = jnp.zeros_like(pool.spins[..., 0]).at[-1].set(1)
    spins = pool.spins.at[..., 0].set(uniform)
    parameters = Parameters(pool.parameters.intralayer.at[0].set(0.5), pool.parameters.anisotropy)
    force = draw_tangent(spins, 6)
    _, residual = solve(
        spins,
        force,
        pool.couplings,
        parameters=parameters,
        solver=solver,
        residual=RESPONSE_RESIDUAL,
    )
    assert np.isnan(residual[0])
    assert residual[1] <= RESPONSE_RESIDUAL


def test_information_is_that_of_images_of_states_relaxed_again(model, pools, solver):
    """One state more than lanes; the third is no minimum and has none."""
    pool = pools["coplanar"]
    view = build_view(model(SIZE, SCALE)[0], Window(20.0, 12))
    raster = view.plain
    widths, snr_db = np.array([2.9, 9.0, 0.29]), 20.0
    spins = np.concatenate([as_lanes(pool.spins), as_lanes(pool.spins[..., :1])])
    spins[2, :, 0] = 1e-3 * np.random.default_rng(0).standard_normal(spins.shape[1])
    spins[2, :, 2] = 1
    constants = np.array([*np.transpose(pool.parameters), [0.5, 0.01]])
    found = image_information(
        spins,
        constants,
        pool.couplings,
        view=view,
        widths=widths,
        snr_db=snr_db,
        solver=solver,
        lanes=2,
    )
    assert np.isnan(found[2]).all()

    def draw(parameters):
        """Return images (lane, layer, y, x) of states relaxed at other parameters."""
        spins = np.asarray(polish(pool.spins, pool.couplings, parameters, solver=solver))
        return np.stack([first_quadrant(render(raster, spin_z)) for spin_z in spins[-1].T])

    slopes = []
    for which, width in zip(Parameters._fields, widths[1:], strict=True):
        ends = [
            draw(pool.parameters._replace(**{which: getattr(pool.parameters, which) + step}))
            for step in (STEP_MEV, -STEP_MEV)
        ]
        slopes.append(width * (ends[0] - ends[1]) / (2 * STEP_MEV))
    for lane, image in enumerate(draw(pool.parameters)):
        expected = fisher_matrix(image, np.stack(slopes)[:, lane], snr_db)
        np.testing.assert_allclose(found[lane, 1:, 1:], expected, rtol=1e-3)
