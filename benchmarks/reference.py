"""Plain NumPy/SciPy float64 relaxation of a coplanar texture: what the engine is held against.

One angle per spin, S = (sin a, cos a), a sparse matrix A of all bonds, and SciPy's L-BFGS:

    E(a) = -1/2 (sin a).A (sin a) - 1/2 (cos a).A (cos a) - D sum cos^2 a
"""

import numpy as np
import scipy.optimize
import scipy.sparse

from moirespin.physics.hamiltonian import Couplings


def bond_matrix(couplings: Couplings, exchange_mev: float) -> scipy.sparse.csr_matrix:
    """Return A with A_ij = J for neighbours in a layer and -lambda J_perp between layers (meV)."""
    neighbours, partners = np.asarray(couplings.neighbours), np.asarray(couplings.partners)
    sites = len(neighbours)
    columns = np.concatenate([neighbours, partners], axis=1)
    values = np.concatenate(
        [np.full(neighbours.shape, exchange_mev), -np.asarray(couplings.interlayer)], axis=1
    )
    rows = np.repeat(np.arange(sites), columns.shape[1])
    return scipy.sparse.csr_matrix((values.ravel(), (rows, columns.ravel())), shape=(sites, sites))


def energy_and_slope(angles: np.ndarray, bonds, anisotropy_mev: float):
    """Return the energy of eq. (1) per supercell and dE/da of each spin (meV)."""
    sine, cosine = np.sin(angles), np.cos(angles)
    field_x, field_z = bonds @ sine, bonds @ cosine
    energy = -0.5 * (sine @ field_x + cosine @ field_z) - anisotropy_mev * np.sum(cosine**2)
    field_z = field_z + 2 * anisotropy_mev * cosine
    return energy, sine * field_z - cosine * field_x


def relax(
    spins: np.ndarray,
    couplings: Couplings,
    *,
    exchange_mev: float,
    anisotropy_mev: float,
    torque_tolerance_mev: float = 1e-4,
):
    """Return (energy, evaluations, largest torque) of the minimum below spins (2, site)."""
    bonds = bond_matrix(couplings, exchange_mev)
    found = scipy.optimize.minimize(
        energy_and_slope,
        np.arctan2(spins[0], spins[1]),
        args=(bonds, anisotropy_mev),
        jac=True,
        method="L-BFGS-B",
        options={
            "gtol": torque_tolerance_mev,
            "ftol": 0,
            "maxcor": 5,
            "maxiter": 20_000,
            "maxfun": 50_000,
        },
    )
    return found.fun, found.nfev, np.abs(found.jac).max()
