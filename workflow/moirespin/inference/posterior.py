"""The posterior of one mode: J and D on a grid, everything else Gaussian around it.

Of the nonlinear parameters only J and D are known so badly that the image does not answer to them
linearly: near the ferromagnet their posterior is a long, thin and bent ridge. They are taken to a
grid that follows it: columns of equal J, in each of which D and all others are fitted, and nodes
around the fitted D in units of its own error bar. At each node the others (angle, turn, place, and
where they are unknown azimuth, height and point spread) are fitted by Gauss-Newton steps and
integrated out as Gaussians, gain and background exactly, and the noise level in closed form.
The prior is flat in theta, J and D within their ranges, where the branch is the ground state or
lies higher by no more than the sample may.

Axes and units: as in `forward`; column, node: points of the grid; rest: all parameters but J and D.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.interpolate import RectBivariateSpline

from moirespin.inference.fit import descend, penalised
from moirespin.inference.forward import (
    Data,
    best_gain,
    signal_and_slopes,
    signals,
    without_gain,
)
from moirespin.inference.measurement import Textures
from moirespin.inference.model_error import model_moves
from moirespin.inference.modes import Mode, freedom, log_likelihood
from moirespin.inference.seen_waves import Setting

# Places of ln J and D among the parameters.
EXCHANGE, ANISOTROPY = 1, 2
# Distance of the columns in error bars of ln J; from so many columns on, twice that; and the number
# of columns to one side at most.
STEP = 0.5
FINE_COLUMNS = 8
MOST_COLUMNS = 18
# With fewer columns the steps were too long, and are taken again at a third.
FEWEST_COLUMNS = 8
# Nodes of a column, and how far they reach at first, in error bars of D at this J.
NODES = 13
FIRST_EXTENT = 4.5
LAST_EXTENT = 20.0
# The grid ends where the posterior has fallen by exp(-11).
DEPTH = 11.0
# Points along each axis to which the density is interpolated for drawing.
FINE = 120
# Where the corners of a block of so many points along a side agree on what energies allow, so does
# all of the block.
BLOCK = 10
# Gauss-Newton steps of the other parameters at each node, at most; and what a step gains in chi
# squared if the linearisation can be trusted with it.
MOST_REST_STEPS = 2
SMALL_STEP = 0.1
# The posterior counts as cut off by a range where its density there exceeds this share of its peak.
CUT_SHARE = np.exp(-2.0)


class Cloud(NamedTuple):
    """Samples of one mode.

    Attributes:
        points: shape (sample, parameter).
        log_evidence: logarithm of the mode's share of the posterior, up to a constant that all
            modes of an image have in common.
        covariance: inverse of the Fisher information at the mode times the noise variance, the
            bound of Cramer and Rao, (parameter, parameter).
        model_error: standard deviation that the texture model's own error adds, (parameter,).
        cut: whether the range of J or D cuts the posterior off.
    """

    points: np.ndarray
    log_evidence: float
    covariance: np.ndarray
    model_error: np.ndarray
    cut: bool


class Column(NamedTuple):
    """The best fit at one J.

    Attributes:
        point: shape (parameter,).
        misfit: sum of squares, with what is known beforehand.
        deviation: error bar of D at this J, no longer than half of its range.
        follow: how the rest goes along with D, shape (rest,).
        covariance: of the rest at this J and D, shape (rest, rest).
    """

    point: np.ndarray
    misfit: float
    deviation: float
    follow: np.ndarray
    covariance: np.ndarray


def rest_of(setting: Setting) -> np.ndarray:
    """Return the indices of all parameters but J and D."""
    return np.setdiff1d(np.arange(len(setting.names)), (EXCHANGE, ANISOTROPY))


def settle(
    log_exchange: float, start: np.ndarray, mode: Mode, *, data: Data, model: Textures
) -> Column:
    """Return the best fit at one J from a start (parameter,)."""
    lower, upper = data.lower.copy(), data.upper.copy()
    lower[EXCHANGE] = upper[EXCHANGE] = log_exchange
    start = start.copy()
    start[EXCHANGE] = log_exchange
    fit = descend(
        start,
        mode.copy,
        data._replace(lower=lower, upper=upper),
        variance=mode.variance,
        model=model,
        branch=mode.branch,
        setting=mode.setting,
        reach=mode.reach,
    )
    misfit, normal, _ = penalised(fit.equations, fit.point, data, variance=mode.variance)
    rest = rest_of(mode.setting)
    inverse = mode.variance * np.linalg.inv(normal[np.ix_(rest, rest)])
    follow = -inverse @ normal[rest, ANISOTROPY] / mode.variance
    # What the image says of D when the rest follows, and the width of its range.
    known = normal[ANISOTROPY, ANISOTROPY] + normal[ANISOTROPY, rest] @ follow
    width = data.upper[ANISOTROPY] - data.lower[ANISOTROPY]
    precision = max(known, 0.0) / mode.variance + (2 / width) ** 2
    return Column(fit.point, misfit, float(precision**-0.5), follow, inverse)


def find_columns(mode: Mode, data: Data, *, model: Textures, deviation: float) -> list[Column]:
    """Return fits at rising J that hold the mode.

    Args:
        mode: a maximum of the likelihood.
        data: the pixels.
        model: textures.
        deviation: error bar of ln J.
    """
    pixels = freedom(data, mode.setting)
    lowest, highest = data.lower[EXCHANGE], data.upper[EXCHANGE]
    middle = settle(mode.point[EXCHANGE], mode.point, mode, data=data, model=model)

    def walk(step: float) -> list[Column]:
        columns, least = [middle], middle.misfit
        for sign in (-1, 1):
            place, last = middle.point[EXCHANGE], middle
            for number in range(MOST_COLUMNS):
                move = step * (1 if number < FINE_COLUMNS else 2)
                new = float(np.clip(place + sign * move, lowest, highest))
                if new == place:
                    break
                place, last = new, settle(new, last.point, mode, data=data, model=model)
                columns = [last, *columns] if sign < 0 else [*columns, last]
                least = min(least, last.misfit)
                if log_likelihood(last.misfit, pixels) < log_likelihood(least, pixels) - DEPTH:
                    break
        return columns

    columns = walk(STEP * deviation)
    for _ in range(2):
        if len(columns) >= FEWEST_COLUMNS:
            break
        deviation = deviation / 3
        columns = walk(STEP * deviation)
    return columns


def profile(
    column: Column, places: np.ndarray, mode: Mode, *, data: Data, model: Textures
) -> tuple[np.ndarray, np.ndarray]:
    """Return the misfit of each node of a column, and all parameters with the rest at its best.

    The derivatives are those at the column's best fit: they decide how fast the best is found, not
    where it is. A node is done when a step moves the rest by little of its error bars.

    Args:
        column: the best fit at one J.
        places: of the nodes, in error bars of D, shape (node,).
        mode: the maximum that the column belongs to.
        data: the pixels.
        model: textures.

    Returns:
        Shapes (node,) and (node, parameter).
    """
    call: dict[str, Any] = {
        "model": model,
        "branch": mode.branch,
        "setting": mode.setting,
        "reach": mode.reach,
    }
    rest = rest_of(mode.setting)
    value, slopes = signal_and_slopes(column.point, mode.copy, data, **call)
    slopes = without_gain(best_gain(value, data, mode.setting) * slopes[rest], value, mode.setting)
    points = np.tile(column.point, (len(places), 1))
    points[:, ANISOTROPY] = np.clip(
        column.point[ANISOTROPY] + places * column.deviation,
        data.lower[ANISOTROPY],
        data.upper[ANISOTROPY],
    )
    moved = points[:, ANISOTROPY] - column.point[ANISOTROPY]
    points[:, rest] += moved[:, None] * column.follow
    misfit, unfinished = np.zeros(len(places)), np.arange(len(places))
    weight = mode.variance * data.precision[rest]
    for _ in range(MOST_REST_STEPS):
        far = []
        values = signals(points[unfinished], mode.copy, data, **call)
        for node, seen in zip(unfinished, values, strict=True):
            left = data.values - best_gain(seen, data, mode.setting) * seen
            away = data.expected[rest] - points[node, rest]
            force = slopes @ left + weight * away
            move = column.covariance @ force / mode.variance
            misfit[node] = left @ left + np.sum(weight * away**2) - move @ force
            points[node, rest] += move
            if move @ force > SMALL_STEP * mode.variance:
                far.append(node)
        unfinished = np.array(far, int)
        if not len(unfinished):
            break
    return misfit, points


def explore(
    mode: Mode,
    data: Data,
    model: Textures,
    *,
    excess_mev: float,
    samples: int,
    generator: np.random.Generator,
) -> Cloud | None:
    """Return samples of the posterior around one mode; None if energies rule all of it out.

    Args:
        mode: a maximum of the likelihood.
        data: the pixels.
        model: textures.
        excess_mev: how far above the ground state the sample may be, per moire cell.
        samples: how many to draw.
        generator: of the draws.
    """
    rest = rest_of(mode.setting)
    normal = mode.normal + np.diag(mode.variance * data.precision)
    covariance = mode.variance * np.linalg.pinv(normal, hermitian=True)
    width = data.upper[EXCHANGE] - data.lower[EXCHANGE]
    deviation = min(np.sqrt(covariance[EXCHANGE, EXCHANGE]), 0.5 * width)
    columns = find_columns(mode, data, model=model, deviation=deviation)
    volume = np.array([0.5 * np.linalg.slogdet(column.covariance)[1] for column in columns])
    places, density, fitted = _fill(columns, mode, data, model=model, volume=volume)

    at = np.array([column.point[EXCHANGE] for column in columns])
    middle = np.array([column.point[ANISOTROPY] for column in columns])
    scale = np.array([column.deviation for column in columns])
    peak = density.max()
    order = min(3, len(at) - 1)
    # A floor keeps the spline from ringing; nothing is drawn there.
    surface = RectBivariateSpline(at, places, np.maximum(density - peak, -6 * DEPTH), kx=order)
    steps = np.array([np.ptp(at), np.ptp(places)]) / FINE
    first, second = (
        axis[0] + (np.arange(FINE) + 0.5) * step
        for axis, step in zip((at, places), steps, strict=True)
    )

    def anisotropy(log_exchange: np.ndarray, place: np.ndarray) -> np.ndarray:
        best, bar = (np.interp(log_exchange, at, values) for values in (middle, scale))
        return best + place * bar

    pairs = np.empty((FINE, FINE, 2))
    pairs[..., 0] = first[:, None]
    pairs[..., 1] = anisotropy(first[:, None], second)
    relative = surface(first, second)
    inside = (pairs[..., 1] >= data.lower[ANISOTROPY]) & (pairs[..., 1] <= data.upper[ANISOTROPY])
    # Flat in J, of which the logarithm is the coordinate, and in D.
    bar = np.interp(first, at, scale)[:, None]
    weights = np.exp(np.where(inside, relative + pairs[..., 0], -np.inf)) * bar
    likely = weights > 1e-6 * weights.max()
    weights = np.where(likely, weights, 0.0)
    weights *= allowed(mode, model, pairs, likely=likely, excess_mev=excess_mev)
    if not weights.any():
        return None
    # Flat in theta, of which the logarithm is the parameter.
    evidence = peak + np.log(weights.sum() * np.prod(steps)) + mode.point[0]

    drawn = generator.choice(weights.size, samples, p=weights.ravel() / weights.sum())
    cells = np.stack(np.unravel_index(drawn, weights.shape), axis=1)
    jitter = generator.uniform(0, 1, (samples, 2))
    place = np.array([at[0], places[0]]) + (cells + jitter) * steps
    points = np.empty((samples, len(mode.point)))
    points[:, EXCHANGE], points[:, ANISOTROPY] = place[:, 0], anisotropy(*place.T)
    for parameter in rest:
        follow = RectBivariateSpline(at, places, fitted[..., parameter], kx=1, ky=1)
        points[:, parameter] = follow.ev(*place.T)
    roots = np.array([np.linalg.cholesky(column.covariance) for column in columns])
    own = np.abs(place[:, :1] - at).argmin(axis=1)
    spread = generator.standard_normal((samples, len(rest)))
    points[:, rest] += np.einsum("sij,sj->si", roots[own], spread)
    moves = model_moves(mode, data, model, normal=normal)
    # Their scatter is known from a few examples only: Student's distribution.
    few = len(moves)
    stretch = generator.chisquare(few, (samples, 1)) / few
    points += generator.standard_normal((samples, few)) @ moves / np.sqrt(few * stretch)
    bounded = slice(0, 3)
    points[:, bounded] = np.clip(points[:, bounded], data.lower[bounded], data.upper[bounded])
    model_error = np.sqrt(np.mean(moves**2, axis=0))
    cut = _is_cut(fitted, density, data)
    return Cloud(points, float(evidence), covariance, model_error, cut)


def _fill(
    columns: list[Column], mode: Mode, data: Data, *, model: Textures, volume: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of the nodes, and log-density and parameters at all nodes.

    Returns:
        Shapes (node,), (column, node) and (column, node, parameter).
    """
    pixels = freedom(data, mode.setting)
    ends = np.array([-FIRST_EXTENT, FIRST_EXTENT])
    while True:
        places = np.linspace(ends[0], ends[1], NODES)
        found = [profile(column, places, mode, data=data, model=model) for column in columns]
        misfit, fitted = (np.array(values) for values in zip(*found, strict=True))
        density = log_likelihood(misfit, pixels) + volume[:, None]
        density = np.nan_to_num(density, nan=-np.inf)
        anisotropy = fitted[..., ANISOTROPY]
        grown = False
        for side in (0, 1):
            edge = (data.lower, data.upper)[side][ANISOTROPY]
            inside = anisotropy[:, -side] != edge
            high = density[:, -side] > density.max() - DEPTH
            if np.any(inside & high) and abs(ends[side]) < LAST_EXTENT:
                ends[side] *= 1.7
                grown = True
        if not grown:
            return places, density, fitted


def _is_cut(fitted: np.ndarray, density: np.ndarray, data: Data) -> bool:
    """Return whether a range of J or D ends where the density is high."""
    pair = fitted[..., [EXCHANGE, ANISOTROPY]]
    ends = [data.lower[[EXCHANGE, ANISOTROPY]], data.upper[[EXCHANGE, ANISOTROPY]]]
    at_end = np.any((pair == ends[0]) | (pair == ends[1]), axis=-1)
    return bool(np.any(at_end & (density > density.max() + np.log(CUT_SHARE))))


def allowed(
    mode: Mode, model: Textures, pairs: np.ndarray, *, likely: np.ndarray, excess_mev: float
) -> np.ndarray:
    """Return `possible` of a grid of points, of which only the likely ones matter.

    Args:
        mode: whose branch is asked for.
        model: textures.
        pairs: (ln J, D), shape (FINE, FINE, 2).
        likely: shape (FINE, FINE).
        excess_mev: how far above the ground state the sample may be, per moire cell.
    """
    ends = np.append(np.arange(0, FINE, BLOCK), FINE - 1)
    corners = pairs[np.ix_(ends, ends)].reshape(-1, 2).copy()
    corners[:, 1] = np.clip(corners[:, 1], *model.anisotropy_mev)
    found = possible(mode, model, corners, excess_mev=excess_mev).reshape(len(ends), -1)
    four = np.stack([found[:-1, :-1], found[1:, :-1], found[:-1, 1:], found[1:, 1:]])
    every, some = (
        np.repeat(np.repeat(values, BLOCK, axis=0), BLOCK, axis=1)
        for values in (four.all(axis=0), four.any(axis=0))
    )
    unsure = likely & (every != some)
    result = every.copy()
    result[unsure] = possible(mode, model, pairs[unsure], excess_mev=excess_mev)
    return result


def possible(mode: Mode, model: Textures, pairs: np.ndarray, *, excess_mev: float) -> np.ndarray:
    """Return whether a sample may be in the mode's branch at (ln J, D), shape (point,)."""
    twist = np.full(len(pairs), np.exp(mode.point[0]))
    energies = np.asarray(model.energies((twist, np.exp(pairs[:, 0]), pairs[:, 1])))
    ground = np.minimum(energies.min(axis=1), 0.0)
    own = energies[:, mode.branch]
    # At or above the ferromagnet there is no texture to be seen.
    return np.isfinite(own) & (own < 0) & (own - ground <= excess_mev)
