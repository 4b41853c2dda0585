"""Interlayer exchange models: J_perp of every pair of a twisted bilayer, in meV.

J_perp > 0 is antiferromagnetic. Both models are invariant under the three-fold axis and under the
two-fold axis that swaps the layers. A new material is a block of the config, not code: a
`stacking_map` needs no more than a table of energies against the stacking shift.

Units: nm, 1/nm, meV.
"""

from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import Bilayer, InterlayerPairs, interlayer_pairs
from moirespin.physics.stacking import THREE_FOLD, StackingMap, stacking_exchange

# Width (nm) of the Gaussian weights with which the pairs of a site share the exchange of its
# stacking. It is wide enough that the sum of a site's weights hardly depends on the stacking.
PAIR_WIDTH_NM = 0.25


class C3z(NamedTuple):
    """Constants of the C3z-symmetric functional for twisted CrI3.

    J_perp(r) = J0 exp(-|r - d0| / l0)
              + J1s exp(-|r - r*| / l1s) sum_a sin(q_a^s . r_par)
              + J1c exp(-|r - r*| / l1c) sum_a cos(q_a^c . r_par)

    with r the 3-D distance and q_2, q_3 = q_1 turned by +-120 degrees. Source: functional `c3z` of
    the public JAMS solver, citing the paper's ref. [9] (K.-M. Kim et al., Nano Lett. 23, 6088).

    Attributes:
        direct_mev, sine_mev, cosine_mev: J0, J1s and J1c.
        direct_distance_nm, oscillating_distance_nm: d0 and r*.
        direct_decay_nm, sine_decay_nm, cosine_decay_nm: l0, l1s and l1c.
        sine_wavevector_per_nm, cosine_wavevector_per_nm: x and y component of q_1^s and q_1^c.
    """

    direct_mev: float
    sine_mev: float
    cosine_mev: float
    direct_distance_nm: float
    oscillating_distance_nm: float
    direct_decay_nm: float
    sine_decay_nm: float
    cosine_decay_nm: float
    sine_wavevector_per_nm: tuple[float, float]
    cosine_wavevector_per_nm: tuple[float, float]


class InterlayerModel(NamedTuple):
    """What couples the two layers.

    Attributes:
        scale: lambda, the factor in front of J_perp.
        cutoff_nm: pairs whose 3-D distance is larger than this are not coupled.
        form: J_perp of a pair.
    """

    scale: float
    cutoff_nm: float
    form: C3z | StackingMap


def c3z(pairs: InterlayerPairs, layer_spacing_nm: float, form: C3z) -> np.ndarray:
    """Return J_perp (pair,) of the C3z-symmetric functional."""
    distance = np.hypot(np.linalg.norm(pairs.separation, axis=1), layer_spacing_nm)
    sine, cosine = (
        np.stack([turn @ np.asarray(wavevector) for turn in THREE_FOLD])
        for wavevector in (form.sine_wavevector_per_nm, form.cosine_wavevector_per_nm)
    )
    away = np.abs(distance - form.oscillating_distance_nm)
    return (
        form.direct_mev * np.exp(-np.abs(distance - form.direct_distance_nm) / form.direct_decay_nm)
        + form.sine_mev
        * np.exp(-away / form.sine_decay_nm)
        * np.sin(pairs.separation @ sine.T).sum(axis=1)
        + form.cosine_mev
        * np.exp(-away / form.cosine_decay_nm)
        * np.cos(pairs.separation @ cosine.T).sum(axis=1)
    )


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


def interlayer_exchange(
    bilayer: Bilayer, model: InterlayerModel
) -> tuple[InterlayerPairs, np.ndarray]:
    """Return the interlayer pairs of a bilayer and their lambda J_perp (pair,) in meV.

    Raises:
        ValueError: if the cutoff does not fit the bilayer.
    """
    pairs = interlayer_pairs(bilayer, model.cutoff_nm)
    if isinstance(model.form, C3z):
        exchange = c3z(pairs, bilayer.layer_spacing_nm, model.form)
    else:
        exchange = stacking_map(bilayer, pairs, model.form)
    return pairs, model.scale * exchange
