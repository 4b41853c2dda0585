"""From an image to the modes of its posterior: lattices, starts, fits, duplicates.

Axes and units: as in `forward`.
"""

import logging
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from moirespin.inference.fit import descend
from moirespin.inference.forward import LEFT_OUT, Data, needed_reach, prepare
from moirespin.inference.measurement import (
    BRANCHES,
    Knowledge,
    Measurement,
    Textures,
)
from moirespin.inference.period import find_lattices
from moirespin.inference.search import Start, compare
from moirespin.inference.seen_waves import Copy, Setting, see, wave_lengths

logger = logging.getLogger("moirespin")

LATTICES = 5
# Reach of the waves in the first fits, which sort the starts.
ROUGH_REACH = 6
# Starts that are fitted at most, of these so many in one turn of one copy, and within which
# distance of the best, in units of the noise's chi squared: the grid is coarse, so that a good
# start may look bad beside a lucky one.
FITTED = 16
FITTED_OF_A_COPY = 4
START_MARGIN = 60.0
START_SHARE = 0.3
# So many different ones of the first fits go on.
REFINED = 5
# Fits whose log-likelihood is lower than the best by more than this are dropped: 1e-4 of the
# posterior.
MODE_MARGIN = 9.0
# Fits of the same branch and copy closer than this in every parameter, in error bars, are one.
SAME = 0.5


class Mode(NamedTuple):
    """A maximum of the likelihood.

    Attributes:
        branch: index into BRANCHES.
        copy: which of the equivalent textures.
        point: where it lies, shape (parameter,).
        setting: parameters of the fit.
        reach: of the waves that were used, in units of the shortest.
        normal: J^T J of the fit, shape (parameter, parameter).
        gain: best gain.
        variance: of the noise, as the fit leaves it; 0 if not yet known.
        log_likelihood: with the noise level integrated out, up to a constant.
    """

    branch: int
    copy: Copy
    point: np.ndarray
    setting: Setting
    reach: float
    normal: np.ndarray = np.zeros((0, 0))
    gain: float = 1.0
    variance: float = 0.0
    log_likelihood: float = -np.inf


def freedom(data: Data, setting: Setting) -> int:
    """Return the number of pixels less that of linear parameters."""
    linear = data.background.shape[1] + int(setting.free_gain)
    return int(data.seen.sum()) - linear


def find_modes(
    measurement: Measurement, known: Knowledge, model: Textures
) -> tuple[list[Mode], Data]:
    """Return the modes of an image's posterior, best first, and its prepared pixels.

    Raises:
        ValueError: if no period fits into the image, or no texture lies in the ranges.
    """
    setting, data = prepare(measurement, known, model)
    edges = [
        4 * np.pi / np.sqrt(3) * 2 * np.sin(np.radians(twist) / 2) / model.lattice_constant_nm
        for twist in known.twist_deg
    ]
    lattices = find_lattices(measurement, shortest=edges[0], longest=edges[1], count=LATTICES)
    starts: list[Start] = []
    for lattice in lattices:
        starts += compare(measurement, data, known, lattice=lattice, model=model, setting=setting)
    if not starts:
        raise ValueError("the texture model has no texture in the ranges of theta, J and D")
    starts.sort(key=lambda start: start.misfit)
    pixels = freedom(data, setting)
    best = starts[0].misfit
    allowed = best + max(
        START_MARGIN * best / pixels, START_SHARE * (float(data.values @ data.values) - best)
    )
    chosen = _diverse([start for start in starts if start.misfit < allowed])
    fits = []
    for start in chosen:
        point = np.clip(start.point, data.lower, data.upper)
        rough = Mode(start.branch, start.copy, point, setting, ROUGH_REACH)
        fits.append(_converge(rough, data, model))
    fits = _distinct(fits)
    nothing = log_likelihood(float(data.values @ data.values), pixels)
    margin = max(START_MARGIN, START_SHARE * (fits[0].log_likelihood - nothing))
    hopeful = [mode for mode in fits if fits[0].log_likelihood - mode.log_likelihood < margin]
    modes = [_refine(mode, data, model) for mode in hopeful[:REFINED]]
    modes = _distinct(modes)
    best = modes[0].log_likelihood
    kept = [mode for mode in modes if best - mode.log_likelihood < MODE_MARGIN]
    for mode in kept:
        logger.info(
            "%s, mirrored %d, swapped %d, sign %d: noise %.4g, log-likelihood %.1f below the best",
            BRANCHES[mode.branch],
            *mode.copy,
            np.sqrt(mode.variance),
            best - mode.log_likelihood,
        )
    return kept, data


def _diverse(starts: list[Start]) -> list[Start]:
    """Return the starts that are fitted, of starts in order of their misfit."""
    chosen: list[Start] = []
    taken: Counter = Counter()
    for start in starts:
        kind = start.branch, start.copy, float(start.point[3])
        if taken[kind] < FITTED_OF_A_COPY and len(chosen) < FITTED:
            chosen.append(start)
            taken[kind] += 1
    return chosen


def _refine(mode: Mode, data: Data, model: Textures) -> Mode:
    """Return a mode fitted with as many waves as its noise asks for."""
    call: dict[str, Any] = {"model": model, "branch": mode.branch, "setting": mode.setting}
    _, seen = see(mode.point[None], mode.copy, data.instrument, **call)
    # A wave of amplitude c has a mean square of |c|^2 / 2.
    powers = 0.5 * np.sum(np.abs(seen[0]) ** 2, axis=0)
    lengths = wave_lengths(model.index)
    pixels = freedom(data, mode.setting)
    # The noise seems larger than it is until the waves suffice.
    for _ in range(3):
        allowed = LEFT_OUT * mode.variance / (max(mode.gain**2, 1e-300) * pixels)
        reach = needed_reach(powers, lengths, allowed)
        if reach <= mode.reach:
            break
        mode = _converge(mode._replace(reach=reach), data, model)
    return mode


def _converge(mode: Mode, data: Data, model: Textures) -> Mode:
    """Return a mode moved to the nearest maximum; fit and noise variance are found in turns."""
    pixels = freedom(data, mode.setting)
    variance = mode.variance or float(data.values @ data.values) / pixels
    for _ in range(5):
        fit = descend(
            mode.point,
            mode.copy,
            data,
            variance=variance,
            model=model,
            branch=mode.branch,
            setting=mode.setting,
            reach=mode.reach,
        )
        before, variance = variance, fit.equations.misfit / pixels
        likely = log_likelihood(fit.equations.misfit, pixels)
        mode = mode._replace(
            point=fit.point,
            normal=fit.equations.normal,
            gain=fit.equations.gain,
            variance=variance,
            log_likelihood=likely,
        )
        if variance > 0.9 * before:
            break
    return mode


def log_likelihood(misfit: Any, pixels: int) -> Any:
    """Return the log-likelihood with the noise level integrated out, up to a constant.

    With the prior 1 / sigma the integral over sigma is misfit^(-pixels / 2).
    """
    return -0.5 * pixels * np.log(misfit)


def _distinct(modes: list[Mode]) -> list[Mode]:
    """Return every mode once, best first."""
    kept: list[Mode] = []
    for mode in sorted(modes, key=lambda mode: -mode.log_likelihood):
        if not any(_same(mode, other) for other in kept):
            kept.append(mode)
    return kept


def _same(mode: Mode, other: Mode) -> bool:
    """Return whether two fits have found the same texture of the same moire lattice."""
    if (mode.branch, mode.copy) != (other.branch, other.copy):
        return False
    away = mode.point - other.point
    turn = 2 * np.pi / 3
    away[3] = (away[3] + turn / 2) % turn - turn / 2
    # Places may differ by moire translations: period, J, D and turn decide.
    # What the image does not say, such as D near the ferromagnet, does not tell modes apart.
    scale = 1e-10 * np.diag(mode.normal).max() + 1e-300
    inverse = np.linalg.inv(mode.normal + scale * np.eye(len(mode.point)))
    errors = np.sqrt(mode.variance * np.abs(np.diag(inverse)))
    return bool(np.all(np.abs(away[:4]) < np.maximum(SAME * errors[:4], 1e-7)))
