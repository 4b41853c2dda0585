"""A table of energies against the stacking shift, and its fit by plane waves.

Imports NumPy only: the table is checked when the Snakefile is parsed, before any job, by the same
function that a job reads it with.

Shifts are those of the top layer from AA stacking.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import rotation

TABLE_COLUMNS = ("shift_a1", "shift_a2", "delta_e_mev")
UNITS = "shifts from AA stacking in lattice vectors and energies in meV"
# Beyond these a table is in other units: shifts in angstrom or percent, energies in eV or K. Shifts
# in nm look like shifts in lattice vectors; only the columns' names speak against them.
LARGEST_SHIFT = 3.0
LARGEST_ENERGY_MEV = 1000.0
SMALLEST_ENERGY_MEV = 0.02
# Shifts closer than this are the same one; tables give six decimals.
SHIFT_DECIMALS = 5

LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
THREE_FOLD = [rotation(2 * np.pi * turn / 3) for turn in range(3)]
# J_perp(s_x, s_y) = J_perp(s_x, -s_y): the two-fold axis along y seen by a stacking shift.
MIRROR = np.diag([1.0, -1.0])


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


def fit_table(table: str | Path, shells: int) -> StackingMap:
    """Return the fit of the table at a path: block `interlayer.stacking_map` of the config.

    Raises:
        ValueError: one sentence naming the file, and the line or column, if it cannot be used.
    """
    rows = read_table(table)
    try:
        return fit_stacking_map(rows, shells)
    except ValueError as error:
        raise ValueError(f"exchange table {table} {error}") from error


def read_table(path: str | Path) -> np.ndarray:
    """Return the rows of a table, shape (row, 3), columns in the order of TABLE_COLUMNS.

    Its columns, in any order: `shift_a1`, `shift_a2`, the shift in units of the lattice vectors,
    and `delta_e_mev`, E_FM - E_AFM per cell of 2 + 2 magnetic ions. What follows a # is a comment.
    Rows may be in any order. A shift may occur twice with the same energy, as where two paths
    through the cell cross; it then has twice the weight in the fit.

    Raises:
        ValueError: naming the file and the line, if it is missing or unreadable, has other columns,
            holds no or odd numbers, or gives one shift two energies.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ValueError(f"exchange table {path} cannot be read: {error}") from error
    contents = [(number, line.partition("#")[0]) for number, line in enumerate(lines, 1)]
    rows = [(number, _split(text)) for number, text in contents if text.strip()]
    columns = rows.pop(0)[1] if rows else []
    if sorted(columns) != sorted(TABLE_COLUMNS):
        raise ValueError(
            f"exchange table {path} has columns {columns}: it must have {list(TABLE_COLUMNS)},"
            f" {UNITS}"
        )
    if not rows:
        raise ValueError(f"exchange table {path} has no rows: it must have {UNITS}")
    order = [columns.index(name) for name in TABLE_COLUMNS]
    numbers = np.empty((len(rows), len(TABLE_COLUMNS)))
    seen: dict[tuple, int] = {}
    for row, (line, cells) in enumerate(rows):
        where = f"exchange table {path}, line {line}:"
        if len(cells) != len(columns):
            raise ValueError(f"{where} {len(cells)} entries, but there are {len(columns)} columns")
        numbers[row] = [_number(cells[column]) for column in order]
        _check_row(where, numbers[row], [cells[column] for column in order])
        shift = tuple(np.round(numbers[row, :2], SHIFT_DECIMALS) + 0.0)
        first = seen.setdefault(shift, row)
        if numbers[first, 2] != numbers[row, 2]:
            raise ValueError(
                f"{where} delta_e_mev is {numbers[row, 2]:g}, but line {rows[first][0]} has"
                f" {numbers[first, 2]:g} at the same shift: a shift must have one energy"
            )
    largest = np.abs(numbers[:, 2]).max()
    if largest < SMALLEST_ENERGY_MEV:
        raise ValueError(
            f"exchange table {path}: the largest delta_e_mev is {largest:g}, but must be at least"
            f" {SMALLEST_ENERGY_MEV:g}: energies must be in meV, not eV"
        )
    return numbers


def _split(text: str) -> list[str]:
    return [cell.strip().strip('"') for cell in text.split(",")]


def _number(text: str) -> float:
    """Return a number, or NaN for what is none."""
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan


def _check_row(where: str, numbers: np.ndarray, cells: list[str]) -> None:
    limits = (LARGEST_SHIFT, LARGEST_SHIFT, LARGEST_ENERGY_MEV)
    units = ("lattice vectors", "lattice vectors", "meV")
    for name, number, cell, limit, unit in zip(
        TABLE_COLUMNS, numbers, cells, limits, units, strict=True
    ):
        if not np.isfinite(number):
            raise ValueError(f"{where} {name} is {cell!r}, but must be a finite number")
        if abs(number) > limit:
            raise ValueError(
                f"{where} {name} is {number:g}, but must lie within +-{limit:g} {unit}: check the"
                " unit"
            )


def _symmetrised_waves(shifts: np.ndarray, wavevectors: np.ndarray) -> np.ndarray:
    """Return cosines and sines averaged over C3v, shape (shift, 2 wave).

    `shifts` are in units of a lattice constant, Cartesian.
    """
    reciprocal = 2 * np.pi * np.linalg.inv(LATTICE).T
    turned = [shifts @ (turn @ mirror).T for turn in THREE_FOLD for mirror in (np.eye(2), MIRROR)]
    phases = [points @ (wavevectors @ reciprocal).T for points in turned]
    waves = np.mean([np.exp(1j * phase) for phase in phases], axis=0)
    return np.concatenate([waves.real, waves.imag], axis=1)


def fit_stacking_map(table: np.ndarray, shells: int) -> StackingMap:
    """Fit J_perp = delta_e / 4 by plane waves up to `shells` shells, symmetrised by C3v.

    A table that breaks the symmetry, such as a digitised one, is averaged over it by the fit.

    Args:
        table: rows (row, 3) of `read_table`.
        shells: shells of plane waves.

    Raises:
        ValueError: if the table has fewer shifts than there are independent waves.
    """
    span = np.arange(-shells, shells + 1)
    grid = np.stack(np.meshgrid(span, span, indexing="ij"), axis=-1).reshape(-1, 2)
    length = grid[:, 0] ** 2 + grid[:, 0] * grid[:, 1] * -1 + grid[:, 1] ** 2
    kept = np.sort(np.unique(length))[: shells + 1]
    wavevectors = grid[np.isin(length, kept)]
    basis = _symmetrised_waves(table[:, :2] @ LATTICE, wavevectors)
    target = table[:, 2] / 4
    coefficients, _, rank, _ = np.linalg.lstsq(basis, target, rcond=1e-6)
    shifts = len(np.unique(np.round(table[:, :2], SHIFT_DECIMALS), axis=0))
    if rank >= shifts:
        raise ValueError(
            f"has {shifts} shifts for {rank} or more plane waves: give more rows, or a smaller"
            f" interlayer.stacking_map.shells than {shells}"
        )
    misfit = float(np.sqrt(np.mean((basis @ coefficients - target) ** 2)))
    return StackingMap(wavevectors, coefficients, misfit)


def stacking_exchange(stacking: StackingMap, shifts: np.ndarray) -> np.ndarray:
    """Return J_perp (meV) at stacking shifts (shift, 2) in units of a lattice constant."""
    return _symmetrised_waves(shifts, stacking.wavevectors) @ stacking.coefficients
