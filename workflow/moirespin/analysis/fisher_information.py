"""Fisher information on J and D in the two images of a state: what noise lets anyone know.

The images are S^z on the pixels plus white Gaussian noise of variance P_S / SNR, eqs. (7)-(10), as
in `noise`, on the quadrants that the regression networks read. At a given twist angle, which is
discrete and therefore has no derivative,

    F_ab = sum over layers and pixels of (dI/da) (dI/db) / variance ,   a, b = J, D of eq. (2).

No unbiased estimate has a covariance below F^-1 (Cramer and Rao). The eigenvector of the smallest
eigenvalue is the weak direction: along it J and D can change together while the images hardly do.
ASSUME: the noise level is known. That P_S changes a little with J and D would add at most a share
of 2 / SNR to F.

Axes:
    constant, other_constant: J and D, normalised by the sampled box.
"""

import logging

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from moirespin.images.raster import Raster, build_raster, first_quadrant, render
from moirespin.io import netcdf
from moirespin.io.netcdf import UNDETERMINED
from moirespin.io.schemas.beyond import FISHER
from moirespin.physics.hamiltonian import Couplings, Parameters
from moirespin.physics.lattice import twist_angle_deg
from moirespin.solver.linear_response import respond
from moirespin.solver.relaxation import Solver
from moirespin.states.phases import FERROMAGNETIC, Thresholds, classify
from moirespin.states.simulation import build_model, simulate_sets

logger = logging.getLogger("moirespin")

# A response is used if its texture is stationary and its linear systems are solved to these.
LARGEST_TORQUE_MEV = 1e-8
LARGEST_RESIDUAL = 1e-6
CONSTANTS = netcdf.LABELS["constant"]


def cell_centres(lower: float, upper: float, count: int) -> np.ndarray:
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
            solver,
        )
        good = np.asarray(answer.largest_torque_mev) <= LARGEST_TORQUE_MEV
        good &= np.asarray(answer.residual) <= LARGEST_RESIDUAL
        spin_z = [answer.spins[-1], answer.by_intralayer[-1], answer.by_anisotropy[-1]]
        spin_z = np.asarray(jnp.stack(spin_z))
        for lane in np.flatnonzero(good):
            image, *slopes = (first_quadrant(render(raster, x)) for x in spin_z[..., lane])
            slopes = np.stack(slopes) * widths_mev[:, None, None, None]
            information[rows[lane]] = fisher_matrix(image, slopes, snr_db)
    return information


def fisher_information(
    fisher: dict, sweep: dict, images: dict, model: dict, lanes: int
) -> xr.Dataset:
    """Return the Fisher information on a grid of (J, D) at some twist angles, schema `fisher`.

    Args:
        fisher: config block `fisher`.
        sweep: `exchange_mev` and `anisotropy_mev`, the box.
        images: `window_nm` and `pixels`.
        model: config blocks `seed`, `lattice`, `exchange`, `ground_state`, `relax`, `phases`.
        lanes: states treated at once; changes no result.
    """
    exchange = cell_centres(*sweep["exchange_mev"], fisher["exchange_points"])
    anisotropy = cell_centres(*sweep["anisotropy_mev"], fisher["anisotropy_points"])
    grid = np.stack(np.meshgrid(exchange, anisotropy, indexing="ij"), axis=-1)
    parameters = grid.reshape(-1, 2)
    widths = np.array([np.ptp(sweep["exchange_mev"]), np.ptp(sweep["anisotropy_mev"])])
    phases, matrices = [], []
    for m in fisher["twist_indices"]:
        states = simulate_sets(m, np.arange(len(parameters)), parameters, model, lanes)
        phase = classify(states["magnetization"].values, Thresholds(**model["phases"]))
        chosen = np.flatnonzero((phase != FERROMAGNETIC) & (phase != UNDETERMINED))
        bilayer, couplings = build_model(m, model["lattice"], model["interlayer"])
        information = np.full((len(parameters), len(CONSTANTS), len(CONSTANTS)), np.nan)
        information[chosen] = image_information(
            states["spins"].values[chosen],
            parameters[chosen],
            couplings,
            build_raster(bilayer, images["window_nm"], images["pixels"]),
            widths,
            fisher["snr_db"],
            Solver(**model["relax"]),
            lanes,
        )
        failed = int(np.isnan(information[chosen]).any(axis=(1, 2)).sum())
        logger.info("m = %d: %d states with images, %d failed", m, len(chosen), failed)
        # Programs of one angle serve no other.
        jax.clear_caches()
        phases.append(phase)
        matrices.append(information)
    shape = (len(phases), *grid.shape[:2])
    information = np.reshape(matrices, (*shape, len(CONSTANTS), len(CONSTANTS)))
    variables = {
        "twist_index": fisher["twist_indices"],
        "twist_angle": [twist_angle_deg(m) for m in fisher["twist_indices"]],
        "grid_exchange": exchange,
        "grid_anisotropy": anisotropy,
        "phase": np.reshape(phases, shape),
        "information": information,
    }
    return netcdf.make(FISHER, variables | bounds(information), snr_db=fisher["snr_db"])
