"""The posterior of one mode: J and D on a grid, everything else Gaussian around it.

Of the nonlinear parameters only J and D are known so badly that the image does not answer to them
linearly: near the ferromagnet their posterior is a long bent ridge. They are taken to a grid that
covers the mode, in the frame of the mode's error ellipse. At each node all others (angle, turn,
place, and where they are unknown azimuth, height and point spread) are fitted by Gauss-Newton steps
and integrated out as Gaussians, gain and background exactly, and the noise level in closed form.
The prior is flat in theta, J and D within their ranges, where the branch is the ground state or
lies higher by no more than the sample may.

Axes and units: as in `forward`; node: points of the grid; rest: all parameters but J and D.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.interpolate import RectBivariateSpline

from moirespin.inference.forward import Data, best_gain, signal_and_slopes, signals, without_gain
from moirespin.inference.measurement import Textures
from moirespin.inference.model_error import model_moves
from moirespin.inference.modes import Mode, freedom, log_likelihood
from moirespin.inference.seen_waves import Setting

# Places of ln J and D among the parameters.
PLANE = np.array([1, 2])
# First and last extent of the grid in error bars, and its nodes along each axis.
FIRST_EXTENT = 5.0
LAST_EXTENT = 40.0
SCOUTS = 9
NODES = 15
# The grid ends where the posterior has fallen by exp(-11).
DEPTH = 11.0
# Points along each axis to which the density is interpolated for drawing.
FINE = 120
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


class Frame(NamedTuple):
    """Coordinates of the grid: ln J and D in units of the error ellipse.

    Attributes:
        centre: the mode, shape (parameter,).
        axes: columns span the ellipse, shape (2, 2).
        follow: how the other parameters go along, shape (rest, 2).
        rest: indices of the other parameters.
        lower, upper: ranges of ln J and D.
    """

    centre: np.ndarray
    axes: np.ndarray
    follow: np.ndarray
    rest: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def pairs(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return (ln J, D) on a grid, shape (first, second, 2)."""
        grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1)
        return self.centre[PLANE] + grid @ self.axes.T

    def inside(self, pairs: np.ndarray) -> np.ndarray:
        """Return whether (ln J, D) lie within their ranges, shape (...)."""
        return np.all((pairs >= self.lower) & (pairs <= self.upper), axis=-1)


def rest_of(setting: Setting) -> np.ndarray:
    """Return the indices of all parameters but J and D."""
    return np.setdiff1d(np.arange(len(setting.names)), PLANE)


def profile(
    points: np.ndarray, mode: Mode, data: Data, *, model: Textures, normal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the misfit of each point (node, parameter), the rest at its best, and these points.

    The derivatives are those at the mode: they decide how fast the best is found, not where it is.
    A node is done when a step moves the rest by little of its error bars.

    Args:
        points: nodes, the rest near its best.
        mode: a maximum of the likelihood.
        data: the pixels.
        model: textures.
        normal: of the fit, with what is known beforehand, shape (parameter, parameter).
    """
    call: dict[str, Any] = {
        "model": model,
        "branch": mode.branch,
        "setting": mode.setting,
        "reach": mode.reach,
    }
    rest = rest_of(mode.setting)
    value, slopes = signal_and_slopes(mode.point, mode.copy, data, **call)
    slopes = without_gain(mode.gain * slopes[rest], value, mode.setting)
    inverse = np.linalg.inv(normal[np.ix_(rest, rest)])
    weight = mode.variance * data.precision[rest]
    points, misfit = points.copy(), np.zeros(len(points))
    open_nodes = np.arange(len(points))
    for _ in range(MOST_REST_STEPS):
        still_open = []
        values = signals(points[open_nodes], mode.copy, data, **call)
        for node, seen in zip(open_nodes, values, strict=True):
            left = data.values - best_gain(seen, data, mode.setting) * seen
            away = data.expected[rest] - points[node, rest]
            force = slopes @ left + weight * away
            move = inverse @ force
            misfit[node] = left @ left + np.sum(weight * away**2) - move @ force
            points[node, rest] += move
            if move @ force > SMALL_STEP * mode.variance:
                still_open.append(node)
        open_nodes = np.array(still_open, int)
        if not len(open_nodes):
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
    variance, pixels = mode.variance, freedom(data, mode.setting)
    normal = mode.normal + np.diag(variance * data.precision)
    frame, covariance = _frame(mode, data, normal)
    rest = frame.rest
    rest_normal = normal[np.ix_(rest, rest)]

    def evaluate(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log-density (first, second) and all parameters on a grid."""
        pairs = np.clip(frame.pairs(first, second), frame.lower, frame.upper).reshape(-1, 2)
        points = np.tile(frame.centre, (len(pairs), 1))
        points[:, PLANE] = pairs
        points[:, rest] += (pairs - frame.centre[PLANE]) @ frame.follow.T
        misfit, fitted = profile(points, mode, data, model=model, normal=normal)
        density = log_likelihood(misfit, pixels).reshape(len(first), len(second))
        return np.nan_to_num(density, nan=-np.inf), fitted.reshape(*density.shape, -1)

    axes = [np.linspace(edges[0], edges[1], NODES) for edges in _extent(evaluate, frame)]
    density, fitted = evaluate(*axes)
    peak = density.max()
    # A floor keeps the spline from ringing; nothing is drawn there.
    surface = RectBivariateSpline(*axes, np.maximum(density - peak, -6 * DEPTH))
    steps = [np.ptp(axis) / FINE for axis in axes]
    fine = [
        axis[0] + (np.arange(FINE) + 0.5) * step for axis, step in zip(axes, steps, strict=True)
    ]
    pairs = frame.pairs(*fine)
    relative = surface(*fine)
    # Flat in J, of which the logarithm is the coordinate.
    inside = frame.inside(pairs)
    weights = np.where(inside, np.exp(relative + pairs[..., 0]), 0.0)
    likely = weights > 1e-6 * weights.max()
    weights = np.where(likely, weights, 0.0)
    weights[likely] *= possible(mode, model, pairs[likely], excess_mev=excess_mev)
    if not weights.any():
        return None

    rest_covariance = variance * np.linalg.inv(rest_normal)
    volume = 0.5 * np.linalg.slogdet(rest_covariance)[1] + np.log(np.linalg.det(frame.axes))
    # Flat in theta, of which the logarithm is the parameter.
    evidence = peak + np.log(weights.sum() * np.prod(steps)) + volume + mode.point[0]

    drawn = generator.choice(weights.size, samples, p=weights.ravel() / weights.sum())
    cells = np.stack(np.unravel_index(drawn, weights.shape), axis=1)
    jitter = generator.uniform(0, 1, (samples, 2))
    place = np.array([axis[0] for axis in axes]) + (cells + jitter) * steps
    points = np.empty((samples, len(frame.centre)))
    points[:, PLANE] = frame.centre[PLANE] + place @ frame.axes.T
    for parameter in rest:
        follow = RectBivariateSpline(*axes, fitted[..., parameter], kx=1, ky=1)
        points[:, parameter] = follow.ev(*place.T)
    points[:, rest] += generator.multivariate_normal(
        np.zeros(len(rest)), rest_covariance, samples, method="cholesky"
    )
    moves = model_moves(mode, data, model, normal=normal)
    # Their scatter is known from a few examples only: Student's distribution.
    few = len(moves)
    scale = generator.chisquare(few, (samples, 1)) / few
    points += generator.standard_normal((samples, few)) @ moves / np.sqrt(few * scale)
    bounded = slice(0, 3)
    points[:, bounded] = np.clip(points[:, bounded], data.lower[bounded], data.upper[bounded])
    cut = np.any(~inside & (relative > np.log(CUT_SHARE)))
    model_error = np.sqrt(np.mean(moves**2, axis=0))
    return Cloud(points, float(evidence), covariance, model_error, bool(cut))


def possible(mode: Mode, model: Textures, pairs: np.ndarray, *, excess_mev: float) -> np.ndarray:
    """Return whether a sample may be in the mode's branch at (ln J, D), shape (point,)."""
    twist = np.full(len(pairs), np.exp(mode.point[0]))
    energies = np.asarray(model.energies((twist, np.exp(pairs[:, 0]), pairs[:, 1])))
    ground = np.minimum(energies.min(axis=1), 0.0)
    own = energies[:, mode.branch]
    # At or above the ferromagnet there is no texture to be seen.
    return np.isfinite(own) & (own < 0) & (own - ground <= excess_mev)


def _frame(mode: Mode, data: Data, normal: np.ndarray) -> tuple[Frame, np.ndarray]:
    """Return the coordinates of the grid and the bound of Cramer and Rao."""
    rest = rest_of(mode.setting)
    lower, upper = data.lower[PLANE], data.upper[PLANE]
    covariance = mode.variance * np.linalg.pinv(normal, hermitian=True)
    # Where the image says little, the ellipse is no larger than the ranges of J and D.
    held = normal.copy()
    held[PLANE, PLANE] += mode.variance / (0.5 * (upper - lower)) ** 2
    ellipse = mode.variance * np.linalg.inv(held)
    plane = ellipse[np.ix_(PLANE, PLANE)]
    follow = ellipse[np.ix_(rest, PLANE)] @ np.linalg.inv(plane)
    frame = Frame(mode.point, np.linalg.cholesky(plane), follow, rest, lower, upper)
    return frame, covariance


def _extent(evaluate: Callable[..., tuple[np.ndarray, np.ndarray]], frame: Frame) -> np.ndarray:
    """Return the box of frame coordinates that holds the mode, shape (2, 2)."""
    box = np.array([[-FIRST_EXTENT, FIRST_EXTENT]] * 2)
    while True:
        axes = [np.linspace(edges[0], edges[1], SCOUTS) for edges in box]
        density, _ = evaluate(*axes)
        density = np.where(frame.inside(frame.pairs(*axes)), density, -np.inf)
        likely = density > density.max() - DEPTH
        tight, grown = box.copy(), False
        for axis in range(2):
            spots = np.flatnonzero(likely.any(axis=1 - axis))
            step = axes[axis][1] - axes[axis][0]
            for end, spot in enumerate((spots[0], spots[-1])):
                side = 2 * end - 1
                if spot == end * (SCOUTS - 1) and abs(box[axis, end]) < LAST_EXTENT:
                    box[axis, end] *= 2
                    grown = True
                tight[axis, end] = side * min(side * box[axis, end], side * axes[axis][spot] + step)
        if not grown:
            return tight
