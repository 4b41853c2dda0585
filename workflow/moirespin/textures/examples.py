"""Relaxed branches of several twist angles as examples to train on, and what a model makes of them.

Axes, units: as in `branches` and `model`.
"""

from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import Bilayer, twist_angle_deg
from moirespin.textures.branches import FAILED, Branches, orbits
from moirespin.textures.cell import Waves, evaluate_waves, fit_waves, site_points
from moirespin.textures.model import (
    DOMAIN,
    FERROMAGNETIC,
    NONCOLLINEAR,
    TextureModel,
    energies,
    phase,
    tilt,
)
from moirespin.textures.training import Examples

UNKNOWN = -1


def as_examples(
    waves: Waves,
    bilayer: Bilayer,
    registry: np.ndarray,
    *,
    parameters_mev: np.ndarray,
    branches: Branches,
) -> Examples:
    """Return the branches of one twist angle as examples.

    Args:
        waves: by which textures are kept.
        bilayer: the sites.
        registry: of the bilayer, shape (8,).
        parameters_mev: J and D of each set, shape (set, 2).
        branches: of these sets; a tilt may be missing where the energy is known.
    """
    sets = len(parameters_mev)
    angle = np.full((sets, 1), twist_angle_deg(bilayer.twist_index))
    _, orbit = orbits(bilayer)
    rows, tilts = [], []
    for branch, layers in ((0, 1), (1, 2)):
        own = np.flatnonzero(np.isfinite(branches.tilt[:, branch, 0, 0]))
        field = branches.tilt[own, branch, :layers].astype(np.float64)[..., orbit[0]]
        field = field.reshape(len(own), layers, 2, bilayer.cells)
        rows.append(own)
        tilts.append(fit_waves(waves, bilayer, field).astype(np.float32))
    return Examples(
        np.concatenate([angle, parameters_mev], axis=1),
        np.tile(registry, (sets, 1)),
        branches.energy_mev / bilayer.sites,
        branches.outcome,
        (rows[0], rows[1]),
        (tilts[0], tilts[1]),
    )


def join(parts: list[Examples]) -> Examples:
    """Return examples of several twist angles as one."""
    first = np.cumsum([0] + [len(part.parameters) for part in parts[:-1]])
    rows = [
        np.concatenate([part.sets[n] + start for part, start in zip(parts, first, strict=True)])
        for n in (0, 1)
    ]
    tilts = [np.concatenate([part.tilt[n] for part in parts]) for n in (0, 1)]
    return Examples(
        np.concatenate([part.parameters for part in parts]),
        np.concatenate([part.registry for part in parts]),
        np.concatenate([part.energy for part in parts]),
        np.concatenate([part.outcome for part in parts]),
        (rows[0], rows[1]),
        (tilts[0], tilts[1]),
    )


def choose(examples: Examples, kept: np.ndarray) -> Examples:
    """Return the examples of the sets for which `kept` (set,) is true."""
    place = np.cumsum(kept) - 1
    few = [kept[rows] for rows in examples.sets]
    return Examples(
        examples.parameters[kept],
        examples.registry[kept],
        examples.energy[kept],
        examples.outcome[kept],
        (place[examples.sets[0][few[0]]], place[examples.sets[1][few[1]]]),
        (examples.tilt[0][few[0]], examples.tilt[1][few[1]]),
    )


class Score(NamedTuple):
    """How a model does on examples; one entry for each set.

    Attributes:
        phase, found: true phase, UNKNOWN where a branch failed to relax, and the model's.
        error: mean |dS^z| over the sites, given the phase; NaN where no texture is known, (set,).
        highest: 99th percentile of |dS^z| over the sites, (set,).
        magnetization, found_magnetization: mean S^z of each layer, (set, layer).
    """

    phase: np.ndarray
    found: np.ndarray
    error: np.ndarray
    highest: np.ndarray
    magnetization: np.ndarray
    found_magnetization: np.ndarray


def true_phases(examples: Examples) -> np.ndarray:
    """Return the phase with the lowest energy, UNKNOWN where a branch failed, shape (set,)."""
    noncollinear = np.fmin(examples.energy[:, 0], 0)
    domain = np.nan_to_num(examples.energy[:, 1], nan=np.inf)
    below = np.where(noncollinear < 0, NONCOLLINEAR, FERROMAGNETIC)
    lowest = np.where(domain < noncollinear, DOMAIN, below)
    return np.where((examples.outcome == FAILED).any(axis=1), UNKNOWN, lowest)


def site_waves(waves: Waves, bilayer: Bilayer) -> tuple[np.ndarray, np.ndarray]:
    """Return the waves at a site of each orbit, (orbit, channel, wave), and the orbits' shares."""
    sites, orbit = orbits(bilayer)
    own = evaluate_waves(waves, site_points(bilayer, 0).reshape(-1, 2)[sites[0]])
    side = np.where(sites[0] < bilayer.cells, 1.0, -1.0)
    size = np.bincount(orbit[0])
    return np.stack([own, side[:, None] * own], axis=1), size / size.sum()


def all_site_waves(waves: Waves, bilayer: Bilayer) -> np.ndarray:
    """Return the waves at all sites of a layer in its own order, (site, channel, wave).

    In their own frames both layers have the same sites but for a three-fold turn.
    """
    at_orbits, _ = site_waves(waves, bilayer)
    return at_orbits[orbits(bilayer)[1][0]].astype(np.float32)


def score(
    model: TextureModel, bilayer: Bilayer, examples: Examples, *, branches: Branches
) -> Score:
    """Return how a model does on the ground states of one twist angle."""
    true = true_phases(examples)
    found = phase(energies(model, examples.parameters, examples.registry))
    at_sites, share = site_waves(model.waves, bilayer)
    sets = len(true)
    error, highest = np.full(sets, np.nan), np.full(sets, np.nan)
    own, other = np.full((sets, 2), np.nan), np.full((sets, 2), np.nan)
    for branch in (NONCOLLINEAR, DOMAIN):
        known = np.isfinite(branches.tilt[:, branch - 1, 0, 0])
        rows = np.flatnonzero((true == branch) & known)
        if not len(rows):
            continue
        drawn = tilt(model, examples.parameters[rows], examples.registry[rows], branch=branch)
        drawn = np.cos(np.einsum("slcw,ocw->slo", drawn, at_sites, optimize=True))
        relaxed = np.cos(branches.tilt[rows, branch - 1].astype(np.float64))
        miss = np.abs(drawn - relaxed)
        error[rows] = (miss @ share).mean(axis=1)
        highest[rows] = np.quantile(miss, 0.99, axis=(1, 2))
        own[rows], other[rows] = relaxed @ share, drawn @ share
    return Score(true, found, error, highest, own, other)
