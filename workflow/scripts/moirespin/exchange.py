"""Interlayer exchange models: J_perp of every pair of a twisted bilayer, in meV.

J_perp > 0 is antiferromagnetic. Both models are invariant under the three-fold axis and under the
two-fold axis that swaps the layers. A new material is a block of the config, not code: a
`stacking_map` needs no more than a table of energies against the stacking shift.

Units: nm, 1/nm, meV.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from moirespin.lattice import Bilayer, InterlayerPairs, interlayer_pairs, rotation

TABLE_COLUMNS = ("shift_a1", "shift_a2", "delta_e_mev")
THREE_FOLD = [rotation(2 * np.pi * turn / 3) for turn in range(3)]
# J_perp(s_x, s_y) = J_perp(s_x, -s_y): the two-fold axis along y seen by a stacking shift.
MIRROR = np.diag([1.0, -1.0])
# Pairs share a stacking's exchange with Gaussian weights of this width, wide enough that their
# sum hardly depends on the stacking.
PAIR_WIDTH_NM = 0.25


def c3z(
    pairs: InterlayerPairs,
    layer_spacing_nm: float,
    *,
    direct_mev: float,
    sine_mev: float,
    cosine_mev: float,
    direct_distance_nm: float,
    oscillating_distance_nm: float,
    direct_decay_nm: float,
    sine_decay_nm: float,
    cosine_decay_nm: float,
    sine_wavevector_per_nm: list[float],
    cosine_wavevector_per_nm: list[float],
) -> np.ndarray:
    """Return J_perp (pair,) of the C3z-symmetric functional for twisted CrI3.

    J_perp(r) = J0 exp(-|r - d0| / l0)
              + J1s exp(-|r - r*| / l1s) sum_a sin(q_a^s . r_par)
              + J1c exp(-|r - r*| / l1c) sum_a cos(q_a^c . r_par)

    with r the 3-D distance and q_2, q_3 = q_1 turned by +-120 degrees. Source: functional `c3z` of
    the public JAMS solver, citing the paper's ref. [9] (K.-M. Kim et al., Nano Lett. 23, 6088).
    """
    distance = np.hypot(np.linalg.norm(pairs.separation, axis=1), layer_spacing_nm)
    sine, cosine = (
        np.stack([turn @ np.asarray(wavevector) for turn in THREE_FOLD])
        for wavevector in (sine_wavevector_per_nm, cosine_wavevector_per_nm)
    )
    away = np.abs(distance - oscillating_distance_nm)
    return (
        direct_mev * np.exp(-np.abs(distance - direct_distance_nm) / direct_decay_nm)
        + sine_mev * np.exp(-away / sine_decay_nm) * np.sin(pairs.separation @ sine.T).sum(axis=1)
        + cosine_mev
        * np.exp(-away / cosine_decay_nm)
        * np.cos(pairs.separation @ cosine.T).sum(axis=1)
    )


class StackingMap(NamedTuple):
    """Plane-wave fit of the exchange against the stacking shift.

    Attributes:
        wavevectors: reciprocal lattice vectors in units of b1, b2, shape (wave, 2).
        coefficients: real and imaginary part of each symmetrised wave (meV), shape (2 wave,).
        misfit_mev: root mean square difference from the table.
    """

    wavevectors: np.ndarray
    coefficients: np.ndarray
    misfit_mev: float


def read_table(path: str | Path) -> pd.DataFrame:
    """Return the table of a stacking map.

    Its columns: `shift_a1`, `shift_a2`, the shift of the top layer from AA stacking in units of
    the lattice vectors, and `delta_e_mev`, E_FM - E_AFM per cell of 2 + 2 magnetic ions.

    Raises:
        ValueError: if the file is missing or unreadable, lacks a column, or holds a value that is
            not a finite number.
    """
    try:
        table = pd.read_csv(path, comment="#")
    except (OSError, ValueError) as error:
        raise ValueError(f"exchange table {path} cannot be read: {error}") from error
    if sorted(table.columns) != sorted(TABLE_COLUMNS):
        raise ValueError(
            f"exchange table {path} has columns {list(table.columns)}: it must have"
            f" {list(TABLE_COLUMNS)}"
        )
    numbers = table.apply(pd.to_numeric, errors="coerce")
    bad = numbers.index[~np.isfinite(numbers).all(axis=1)]
    if len(bad):
        raise ValueError(
            f"exchange table {path} has a value that is not a finite number in data row"
            f" {bad[0] + 1}: every entry must be one"
        )
    return numbers[list(TABLE_COLUMNS)]


def _symmetrised_waves(shifts: np.ndarray, wavevectors: np.ndarray) -> np.ndarray:
    """Return cosines and sines averaged over C3v, shape (shift, 2 wave).

    `shifts` are in units of a lattice constant, Cartesian.
    """
    lattice = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    reciprocal = 2 * np.pi * np.linalg.inv(lattice).T
    turned = [shifts @ (turn @ mirror).T for turn in THREE_FOLD for mirror in (np.eye(2), MIRROR)]
    phases = [points @ (wavevectors @ reciprocal).T for points in turned]
    waves = np.mean([np.exp(1j * phase) for phase in phases], axis=0)
    return np.concatenate([waves.real, waves.imag], axis=1)


def fit_stacking_map(table: pd.DataFrame, shells: int) -> StackingMap:
    """Fit J_perp = delta_e / 4 by plane waves up to `shells` shells, symmetrised by C3v.

    A table that breaks the symmetry, such as a digitised one, is averaged over it by the fit.

    Raises:
        ValueError: if the table has fewer rows than there are independent waves.
    """
    span = np.arange(-shells, shells + 1)
    grid = np.stack(np.meshgrid(span, span, indexing="ij"), axis=-1).reshape(-1, 2)
    length = grid[:, 0] ** 2 + grid[:, 0] * grid[:, 1] * -1 + grid[:, 1] ** 2
    kept = np.sort(np.unique(length))[: shells + 1]
    wavevectors = grid[np.isin(length, kept)]
    lattice = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    shifts = table[["shift_a1", "shift_a2"]].to_numpy() @ lattice
    basis = _symmetrised_waves(shifts, wavevectors)
    target = table["delta_e_mev"].to_numpy() / 4
    coefficients, _, rank, _ = np.linalg.lstsq(basis, target, rcond=1e-6)
    if rank >= len(target):
        raise ValueError(
            f"stacking map has {len(target)} rows for {rank} plane waves: give more rows or"
            " fewer shells"
        )
    misfit = float(np.sqrt(np.mean((basis @ coefficients - target) ** 2)))
    return StackingMap(wavevectors, coefficients, misfit)


def stacking_exchange(stacking: StackingMap, shifts: np.ndarray) -> np.ndarray:
    """Return J_perp (meV) at stacking shifts (shift, 2) in units of a lattice constant."""
    return _symmetrised_waves(shifts, stacking.wavevectors) @ stacking.coefficients


def stacking_map(bilayer: Bilayer, pairs: InterlayerPairs, stacking: StackingMap) -> np.ndarray:
    """Return J_perp (pair,) where each pair carries its share of the local stacking's exchange.

    The stacking shift at r is (R(-theta/2) - R(theta/2)) r, 0 at the origin (AA). A site's pairs
    share the exchange of one partner; each pair's share is the mean of what its two sites give
    it, so that the layers stay equivalent. Status: our choice.
    """
    layer_turn = bilayer.primitive[1] - bilayer.primitive[0]
    untwisted = np.linalg.inv(bilayer.lattice_constant_nm * np.array([[1, 0], [0.5, 0.75**0.5]]))
    top = bilayer.positions.reshape(-1, 2)[pairs.top]
    middle = top - pairs.separation / 2
    shifts = -middle @ (untwisted @ layer_turn) / bilayer.lattice_constant_nm
    gaussian = np.exp(-0.5 * np.sum(pairs.separation**2, axis=1) / PAIR_WIDTH_NM**2)
    share = sum(
        0.5 * gaussian / np.bincount(site, gaussian)[site] for site in (pairs.top, pairs.bottom)
    )
    return share * stacking_exchange(stacking, shifts)


def interlayer_exchange(bilayer: Bilayer, model: dict) -> tuple[InterlayerPairs, np.ndarray]:
    """Return the interlayer pairs of a bilayer and their lambda J_perp (pair,) in meV.

    Args:
        bilayer: the sites.
        model: the `exchange` block of the config: `model`, `scale` (lambda), `cutoff_nm` and a
            block with the name of the model.

    Raises:
        ValueError: if the model is unknown, its cutoff does not fit, or its table is bad.
    """
    pairs = interlayer_pairs(bilayer, model["cutoff_nm"])
    settings = model[model["model"]]
    if model["model"] == "c3z":
        exchange = c3z(pairs, bilayer.layer_spacing_nm, **settings)
    elif model["model"] == "stacking_map":
        stacking = fit_stacking_map(read_table(settings["table"]), settings["shells"])
        exchange = stacking_map(bilayer, pairs, stacking)
    else:
        raise ValueError(f"exchange.model is {model['model']!r}: it must be c3z or stacking_map")
    return pairs, model["scale"] * exchange
