"""Fisher information on theta, J and D in the two images of a state: what can be known under noise.

The images are S^z on the pixels of the quadrants that the regression networks read, plus white
Gaussian noise of variance P_S / SNR, eqs. (7)-(10), as in `images.noise`:

    F_ab = sum over layers and pixels of (dI/da) (dI/db) / variance ,   a, b = theta, J, D ,

normalised by eq. (2). No unbiased estimate has a covariance below F^-1 (Cramer and Rao). Of the
bounds on J and D, with theta unknown as well, the direction of the largest is the weak one: along
it J and D can change together while the images hardly do.
ASSUME: the noise level is known. That P_S changes a little with the parameters would add at most a
share of 2 / SNR to F.

Angles of commensurate lattices are discrete, but images change smoothly with theta: in fractional
coordinates of the moire cell a texture depends on J theta^2 and D, up to lattice corrections, so

    dI/dtheta = cot(theta/2) [ (r . grad I) / 2 + J dI/dJ ] ,

the first for the cell, whose period is as 1 / sin(theta/2) about the middle of the window, the
second for the texture in it. Derived for this project. A network that knows that angles are
discrete can be better than the bound of theta.

Axes:
    parameter, other: theta, J and D, normalised by the sampled box.
    constant: J and D, likewise.
"""

import logging
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from moirespin.images.raster import Raster, first_quadrant, raster_at, render
from moirespin.images.window import Window, sample_points
from moirespin.io import netcdf
from moirespin.io.netcdf import PARAMETERS
from moirespin.io.schemas.beyond import FISHER, SAMPLE_INFORMATION
from moirespin.physics.hamiltonian import Couplings, Parameters
from moirespin.physics.lattice import Bilayer, twist_angle_deg
from moirespin.solver.linear_response import respond
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_sets import simulate_sets
from moirespin.states.parameter_space import Ranges
from moirespin.states.phases import Thresholds, classify, has_image
from moirespin.states.settings import Recipe, build_model

logger = logging.getLogger("moirespin")

# A response is used only if no spin of its texture feels a larger torque than this (meV),
LARGEST_TORQUE_MEV = 1e-8
# and if its linear systems are solved to this relative residual.
LARGEST_RESIDUAL = 1e-6
CONSTANTS = netcdf.LABELS["constant"]
# By this share images are stretched for their derivative along r: at the edge of the paper's window
# points move by less than the distance of sites.
STRETCH = 4e-3


class Grid(NamedTuple):
    """Where the information is computed, and at which noise.

    Attributes:
        twist_indices: m of the (J, D) planes.
        exchange_points, anisotropy_points: cells of a plane along J and D.
        snr_db: signal-to-noise ratio.
    """

    twist_indices: list[int]
    exchange_points: int
    anisotropy_points: int
    snr_db: float


class View(NamedTuple):
    """How an image is made from sites, and how it is when the sample is stretched or shrunk.

    Attributes:
        plain, outer, inner: maps of the sites to the pixels, and to points that lie further out and
            further in by the share `STRETCH`.
        twist_rad: theta.
    """

    plain: Raster
    outer: Raster
    inner: Raster
    twist_rad: float


def build_view(bilayer: Bilayer, window: Window) -> View:
    """Return the view of a bilayer through a window."""
    points = sample_points(window)
    plain, outer, inner = (
        raster_at(bilayer, points * (1 + share)) for share in (0.0, STRETCH, -STRETCH)
    )
    twist_rad = float(np.radians(twist_angle_deg(bilayer.twist_index)))
    return View(plain=plain, outer=outer, inner=inner, twist_rad=twist_rad)


def image_slopes(
    view: View, spin_z: np.ndarray, *, exchange_mev: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the quadrants of the images and their derivatives by theta, J and D.

    Args:
        view: of the bilayer.
        spin_z: S^z of the sites and its derivatives by J and D (1/meV), shape (3, site).
        exchange_mev: J.

    Returns:
        Shapes (layer, y, x) and (parameter, layer, y, x); per degree, meV and meV.
    """
    image, by_exchange, by_anisotropy = (
        first_quadrant(render(view.plain, values)) for values in spin_z
    )
    outer, inner = (first_quadrant(render(way, spin_z[0])) for way in (view.outer, view.inner))
    along_r = (outer - inner) / (2 * STRETCH)
    by_twist = (along_r / 2 + exchange_mev * by_exchange) / np.tan(view.twist_rad / 2)
    return image, np.stack([np.radians(by_twist), by_exchange, by_anisotropy])


def cell_centres(lower: float, upper: float, *, count: int) -> np.ndarray:
    """Return the centres of `count` equal cells between `lower` and `upper`."""
    return lower + (upper - lower) * (np.arange(count) + 0.5) / count


def fisher_matrix(images: np.ndarray, derivatives: np.ndarray, snr_db: float) -> np.ndarray:
    """Return the Fisher information, shape (parameter, other).

    Args:
        images: S^z without noise, shape (layer, y, x).
        derivatives: of the images by each parameter, shape (parameter, layer, y, x).
        snr_db: signal-to-noise ratio, 10 log10 SNR.
    """
    variance = np.mean(np.square(images), axis=(1, 2)) * 10 ** (-snr_db / 10)
    return np.einsum("alyx,blyx,l->ab", derivatives, derivatives, 1 / variance)


def least_covariance(information: np.ndarray) -> np.ndarray:
    """Return the inverse of Fisher matrices (..., parameter, other), NaN where they are NaN."""
    known = np.isfinite(information).all(axis=(-2, -1), keepdims=True)
    values, vectors = np.linalg.eigh(np.where(known, information, np.eye(information.shape[-1])))
    # Through the eigenvalues, because rounding can make the inverse of a flat matrix negative.
    variances = 1 / np.maximum(values, np.finfo(float).tiny)
    covariance = np.einsum("...ak,...k,...bk->...ab", vectors, variances, vectors)
    return np.where(known, covariance, np.nan)


def bounds(information: np.ndarray) -> dict[str, np.ndarray]:
    """Return what Fisher matrices (..., parameter, other) say, NaN where they are NaN.

    Returns:
        `bound` (..., parameter): least standard deviation of each, the others unknown.
        `weak_bound`, `strong_bound` (...): in the plane of J and D, theta unknown, the largest and
        the smallest.
        `weak_direction` (..., constant): unit vector of the largest, its part along J not negative.
    """
    covariance = least_covariance(information)
    known = np.isfinite(covariance).all(axis=(-2, -1), keepdims=True)
    safe = np.where(known, covariance, np.eye(covariance.shape[-1]))
    variances, vectors = np.linalg.eigh(safe[..., 1:, 1:])
    variances, vectors = variances[..., ::-1], vectors[..., ::-1]
    weak = vectors[..., :, 0] * np.where(vectors[..., :1, 0] < 0, -1, 1)
    found = {
        "bound": np.sqrt(np.diagonal(safe, axis1=-2, axis2=-1)),
        "weak_bound": np.sqrt(variances[..., 0]),
        "strong_bound": np.sqrt(variances[..., 1]),
        "weak_direction": weak,
    }
    known = known[..., 0, 0]
    return {
        name: np.where(known if value.ndim == known.ndim else known[..., None], value, np.nan)
        for name, value in found.items()
    }


def image_information(
    spins: np.ndarray,
    parameters_mev: np.ndarray,
    couplings: Couplings,
    *,
    view: View,
    widths: np.ndarray,
    snr_db: float,
    solver: Solver,
    lanes: int,
) -> np.ndarray:
    """Return the Fisher information of relaxed states, shape (set, parameter, other).

    NaN for a state whose response could not be computed: no minimum, or not converged.

    Args:
        spins: relaxed textures, shape (set, site, component).
        parameters_mev: (J, D) of each, shape (set, 2).
        couplings: bonds, in float64.
        view: sites to pixels.
        widths: of the sampled box in theta (degree), J and D (meV), shape (3,).
        snr_db: signal-to-noise ratio.
        solver: settings of the relaxation.
        lanes: states treated at once; changes no result.
    """
    information = np.full((len(spins), len(PARAMETERS), len(PARAMETERS)), np.nan)
    if not len(spins):
        return information
    # Textures in the xz plane move in it only: two components do for them.
    components = [0, 1, 2] if spins[..., 1].any() else [0, 2]
    textures = np.moveaxis(spins[..., components].astype(float), (0, 1, 2), (2, 1, 0))
    textures = textures / np.linalg.norm(textures, axis=0)
    batches = -(-len(spins) // lanes)
    width = -(-len(spins) // batches)
    for start in range(0, len(spins), width):
        # The last batch begins early instead of being compiled for another width.
        rows = np.arange(width) + min(start, len(spins) - width)
        answer = respond(
            jnp.asarray(textures[..., rows]),
            couplings,
            Parameters(*jnp.asarray(parameters_mev[rows]).T),
            solver=solver,
        )
        good = np.asarray(answer.largest_torque_mev) <= LARGEST_TORQUE_MEV
        good &= np.asarray(answer.residual) <= LARGEST_RESIDUAL
        members = (answer.spins, answer.by_intralayer, answer.by_anisotropy)
        spin_z = np.stack([np.asarray(member[-1]) for member in members])
        for lane in np.flatnonzero(good):
            exchange = parameters_mev[rows[lane], 0]
            image, slopes = image_slopes(view, spin_z[..., lane], exchange_mev=exchange)
            derivatives = slopes * widths[:, None, None, None]
            information[rows[lane]] = fisher_matrix(image, derivatives, snr_db)
    return information


def fisher_information(
    grid: Grid,
    samples: xr.Dataset,
    *,
    ranges: Ranges,
    window: Window,
    recipe: Recipe,
    thresholds: Thresholds,
    lanes: int,
) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the Fisher information on a grid of (J, D) and of test samples, at some twist angles.

    Args:
        grid: where the information is computed.
        samples: test samples, with the coordinates of schema `dataset`; those of the grid's angles
            are relaxed again together with the grid.
        ranges: of theta, J and D, which the grid divides and the derivatives are normalised by.
        window: of the images.
        recipe: how ground states are found.
        thresholds: what counts as which phase.
        lanes: states treated at once; changes no result.

    Returns:
        Schemas `fisher` and `sample_information`; samples of other angles have NaN in the latter.
    """
    exchange = cell_centres(*ranges.exchange, count=grid.exchange_points)
    anisotropy = cell_centres(*ranges.anisotropy, count=grid.anisotropy_points)
    plane = np.stack(np.meshgrid(exchange, anisotropy, indexing="ij"), axis=-1)
    own = np.stack([samples["exchange"].values, samples["anisotropy"].values], axis=1)
    corner = (len(PARAMETERS), len(PARAMETERS))
    of_samples = np.full((len(own), *corner), np.nan)
    phases, matrices = [], []
    for m in grid.twist_indices:
        here = np.flatnonzero(samples["twist_index"].values == m)
        parameters = np.concatenate([plane.reshape(-1, 2), own[here]])
        states = simulate_sets(
            m, np.arange(len(parameters)), parameters, recipe=recipe, lanes=lanes
        )
        phase = classify(states["magnetization"].values, thresholds)
        chosen = np.flatnonzero(has_image(phase))
        bilayer, couplings = build_model(m, recipe.material)
        information = np.full((len(parameters), *corner), np.nan)
        information[chosen] = image_information(
            states["spins"].values[chosen],
            parameters[chosen],
            couplings,
            view=build_view(bilayer, window),
            widths=np.ptp(ranges, axis=1),
            snr_db=grid.snr_db,
            solver=recipe.solver,
            lanes=lanes,
        )
        failed = int(np.isnan(information[chosen]).any(axis=(1, 2)).sum())
        logger.info("m = %d: %d states with images, %d failed", m, len(chosen), failed)
        # Programs of one angle serve no other.
        jax.clear_caches()
        cells = len(parameters) - len(here)
        phases.append(phase[:cells])
        matrices.append(information[:cells])
        of_samples[here] = information[cells:]
    shape = (len(phases), *plane.shape[:2])
    information = np.reshape(matrices, (*shape, *corner))
    variables = {
        "twist_index": grid.twist_indices,
        "twist_angle": [twist_angle_deg(m) for m in grid.twist_indices],
        "grid_exchange": exchange,
        "grid_anisotropy": anisotropy,
        "phase": np.reshape(phases, shape),
        "information": information,
    }
    names = ("twist_index", "set_number", *PARAMETERS)
    identity = {name: samples[name].values for name in names}
    return (
        netcdf.make(FISHER, variables | bounds(information), snr_db=grid.snr_db),
        netcdf.make(SAMPLE_INFORMATION, identity | {"information": of_samples}, snr_db=grid.snr_db),
    )
