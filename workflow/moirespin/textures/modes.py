"""Principal modes of textures: the patterns that the networks' outputs multiply."""

import numpy as np

from moirespin.textures.model import Basis

# The search for the modes makes so many passes, with so many vectors more than are wanted.
SUBSPACE_PASSES, SPARE_VECTORS = 4, 32
# Modes weaker than this against the strongest are not blown up further.
LEAST_SCALE = 1e-3


def principal_modes(
    fields: np.ndarray, weights: np.ndarray, count: int
) -> tuple[Basis, np.ndarray]:
    """Return the basis of fields (texture, channel, wave) and their components (texture, mode).

    Weighted by `weights` (texture,); the modes are orthonormal over the cell.
    """
    flat = fields.reshape(len(fields), -1).astype(np.float64)
    mean = np.average(flat, axis=0, weights=weights**2)
    centred = flat - mean
    modes = strongest(centred * weights[:, None], count)
    components = centred @ modes.T
    scale = np.sqrt(np.average(components**2, axis=0, weights=weights**2))
    scale = np.maximum(scale, LEAST_SCALE * scale.max())
    shape = fields.shape[1:]
    basis = Basis(
        mean.reshape(shape).astype(np.float32),
        modes.reshape(-1, *shape).astype(np.float32),
        scale.astype(np.float32),
    )
    return basis, components


def strongest(rows: np.ndarray, count: int) -> np.ndarray:
    """Return the first right singular vectors of a matrix, shape (vector, column).

    By subspace iteration from a fixed random start, which for so fast a decay as here is exact in
    a few passes. Source: Halko, Martinsson and Tropp, SIAM Rev. 53, 217, alg. 4.4.
    """
    wanted = min(count, *rows.shape)
    start = np.random.default_rng(0).standard_normal(
        (min(wanted + SPARE_VECTORS, *rows.shape), rows.shape[1])
    )
    for _ in range(SUBSPACE_PASSES):
        start = np.linalg.qr(rows.T @ (rows @ start.T))[0].T
    small = np.linalg.svd(rows @ start.T, full_matrices=False)[2]
    return small[:wanted] @ start


def components_of(basis: Basis, fields: np.ndarray) -> np.ndarray:
    """Return the components of fields (texture, channel, wave) over the scale, (texture, mode)."""
    centred = (fields - basis.mean).reshape(len(fields), -1)
    return centred @ basis.modes.reshape(len(basis.modes), -1).T / basis.scale
