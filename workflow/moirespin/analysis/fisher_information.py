"""Fisher information on J and D in the two images of a state: what noise lets anyone know.

The images are S^z on the pixels of the quadrants that the regression networks read, plus white
Gaussian noise of variance P_S / SNR, eqs. (7)-(10), as in `images.noise`. At a given twist angle,
which is discrete and therefore has no derivative,

    F_ab = sum over layers and pixels of (dI/da) (dI/db) / variance ,   a, b = J, D of eq. (2).

No unbiased estimate has a covariance below F^-1 (Cramer and Rao). The eigenvector of the smallest
eigenvalue is the weak direction: along it J and D can change together while the images hardly do.
ASSUME: the noise level is known. That P_S changes a little with J and D would add at most a share
of 2 / SNR to F.

Axes:
    constant, other_constant: J and D, normalised by the sampled box.
"""

import logging
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from moirespin.images.raster import Raster, build_raster, first_quadrant, render
from moirespin.images.window import Window
from moirespin.io import netcdf
from moirespin.io.schemas.beyond import FISHER
from moirespin.physics.hamiltonian import Couplings, Parameters
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.linear_response import respond
from moirespin.solver.relaxation import Solver
from moirespin.states.parameter_sets import simulate_sets
from moirespin.states.parameter_space import Box
from moirespin.states.phases import Thresholds, classify, has_image
from moirespin.states.settings import Recipe, build_model

logger = logging.getLogger("moirespin")

# A response is used only if no spin of its texture feels a larger torque than this (meV),
LARGEST_TORQUE_MEV = 1e-8
# and if its linear systems are solved to this relative residual.
LARGEST_RESIDUAL = 1e-6
CONSTANTS = netcdf.LABELS["constant"]


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


def cell_centres(lower: float, upper: float, *, count: int) -> np.ndarray:
    """Return the centres of `count` equal cells between `lower` and `upper`."""
    return lower + (upper - lower) * (np.arange(count) + 0.5) / count


def fisher_matrix(images: np.ndarray, derivatives: np.ndarray, snr_db: float) -> np.ndarray:
    """Return the Fisher information, shape (constant, other_constant).

    Args:
        images: S^z without noise, shape (layer, y, x).
        derivatives: of the images by each constant, shape (constant, layer, y, x).
        snr_db: signal-to-noise ratio, 10 log10 SNR.
    """
    variance = np.mean(np.square(images), axis=(1, 2)) * 10 ** (-snr_db / 10)
    return np.einsum("alyx,blyx,l->ab", derivatives, derivatives, 1 / variance)


def bounds(information: np.ndarray) -> dict[str, np.ndarray]:
    """Return what Fisher matrices (..., constant, other_constant) say, NaN where they are NaN.

    Returns:
        `bound` (..., constant): least standard deviation of each constant, the other unknown.
        `weak_bound`, `strong_bound` (...): that along the eigenvectors.
        `weak_direction` (..., constant): unit vector, its part along J not negative.
    """
    known = np.isfinite(information).all(axis=(-2, -1), keepdims=True)
    values, vectors = np.linalg.eigh(np.where(known, information, np.eye(len(CONSTANTS))))
    # Through the eigenvalues, because rounding can make the inverse of a flat matrix negative.
    variances = 1 / np.maximum(values, np.finfo(float).tiny)
    weak = vectors[..., :, 0] * np.where(vectors[..., :1, 0] < 0, -1, 1)
    found = {
        "bound": np.sqrt(np.einsum("...ck,...k->...c", vectors**2, variances)),
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
    raster: Raster,
    widths_mev: np.ndarray,
    snr_db: float,
    solver: Solver,
    lanes: int,
) -> np.ndarray:
    """Return the Fisher information of relaxed states, shape (set, constant, other_constant).

    NaN for a state whose response could not be computed: no minimum, or not converged.

    Args:
        spins: relaxed textures, shape (set, site, component).
        parameters_mev: (J, D) of each, shape (set, 2).
        couplings: bonds, in float64.
        raster: sites to pixels.
        widths_mev: widths of the sampled box in J and D, shape (2,).
        snr_db: signal-to-noise ratio.
        solver: settings of the relaxation.
        lanes: states treated at once; changes no result.
    """
    information = np.full((len(spins), len(CONSTANTS), len(CONSTANTS)), np.nan)
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
            image, *slopes = (first_quadrant(render(raster, x)) for x in spin_z[..., lane])
            derivatives = np.stack(slopes) * widths_mev[:, None, None, None]
            information[rows[lane]] = fisher_matrix(image, derivatives, snr_db)
    return information


def fisher_information(
    grid: Grid,
    box: Box,
    *,
    window: Window,
    recipe: Recipe,
    thresholds: Thresholds,
    lanes: int,
) -> xr.Dataset:
    """Return the Fisher information on a grid of (J, D) at some twist angles, schema `fisher`.

    Args:
        grid: where the information is computed.
        box: ranges of J and D, which the grid divides and the derivatives are normalised by.
        window: of the images.
        recipe: how ground states are found.
        thresholds: what counts as which phase.
        lanes: states treated at once; changes no result.
    """
    exchange = cell_centres(*box.exchange_mev, count=grid.exchange_points)
    anisotropy = cell_centres(*box.anisotropy_mev, count=grid.anisotropy_points)
    plane = np.stack(np.meshgrid(exchange, anisotropy, indexing="ij"), axis=-1)
    parameters = plane.reshape(-1, 2)
    widths = np.ptp(box, axis=1)
    phases, matrices = [], []
    for m in grid.twist_indices:
        states = simulate_sets(
            m, np.arange(len(parameters)), parameters, recipe=recipe, lanes=lanes
        )
        phase = classify(states["magnetization"].values, thresholds)
        chosen = np.flatnonzero(has_image(phase))
        bilayer, couplings = build_model(m, recipe.material)
        information = np.full((len(parameters), len(CONSTANTS), len(CONSTANTS)), np.nan)
        information[chosen] = image_information(
            states["spins"].values[chosen],
            parameters[chosen],
            couplings,
            raster=build_raster(bilayer, window.side_nm, window.pixels),
            widths_mev=widths,
            snr_db=grid.snr_db,
            solver=recipe.solver,
            lanes=lanes,
        )
        failed = int(np.isnan(information[chosen]).any(axis=(1, 2)).sum())
        logger.info("m = %d: %d states with images, %d failed", m, len(chosen), failed)
        # Programs of one angle serve no other.
        jax.clear_caches()
        phases.append(phase)
        matrices.append(information)
    shape = (len(phases), *plane.shape[:2])
    information = np.reshape(matrices, (*shape, len(CONSTANTS), len(CONSTANTS)))
    variables = {
        "twist_index": grid.twist_indices,
        "twist_angle": [twist_angle_deg(m) for m in grid.twist_indices],
        "grid_exchange": exchange,
        "grid_anisotropy": anisotropy,
        "phase": np.reshape(phases, shape),
        "information": information,
    }
    return netcdf.make(FISHER, variables | bounds(information), snr_db=grid.snr_db)
