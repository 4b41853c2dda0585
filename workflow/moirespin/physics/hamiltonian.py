"""Energy and effective field of one spin texture: the only place where physics terms live.

Eq. (1) of the paper, with each bond counted once and unit vectors S:

    H = -J sum_<ij> S_i.S_j - D sum_i (S_i^z)^2 + lambda sum_(i top, j bottom) J_perp(r_ij) S_i.S_j

Axes:
    component: (x, z) for a coplanar texture or (x, y, z) for a general one; z is always last.
    site: all spins of the moire supercell, in the order of `lattice`.
    k: interlayer partners of a site; missing ones point at the site itself with exchange 0.
    ...: none for one texture, or lanes for many at once. Lanes come last, because a neighbour is
        then a whole row to be fetched: on a CPU far faster than spin by spin, and faster than
        what `jax.vmap` makes of it.
Units: meV, total per supercell; fields and torques in meV per spin.

The functions take arrays of JAX or of NumPy and compute with the library of the spins.
"""

from typing import Any, NamedTuple, TypeAlias, TypeVar

import jax
import numpy as np

from moirespin.physics.lattice import Bilayer, InterlayerPairs, intralayer_neighbours

# An array of JAX or of NumPy.
Array: TypeAlias = Any
Arrays = TypeVar("Arrays", bound=tuple)


class Couplings(NamedTuple):
    """Bonds of one bilayer, shared by all parameter sets of a twist angle.

    Attributes:
        neighbours: nearest neighbours in the same layer, shape (site, 3).
        partners: interlayer partners, shape (site, k).
        interlayer: lambda J_perp of each partner (meV), positive for antiferromagnetic,
            shape (site, k).
    """

    neighbours: Array
    partners: Array
    interlayer: Array


class Parameters(NamedTuple):
    """Hamiltonian parameters of one set (meV).

    Attributes:
        intralayer: J, positive for ferromagnetic.
        anisotropy: D, positive for an easy axis along z.
    """

    intralayer: Array | float
    anisotropy: Array | float


def couple(bilayer: Bilayer, pairs: InterlayerPairs, interlayer_mev: np.ndarray) -> Couplings:
    """Return the neighbour tables of a bilayer.

    Args:
        bilayer: the sites.
        pairs: interlayer pairs within the cutoff.
        interlayer_mev: lambda J_perp of each pair, shape (pair,).
    """
    site = np.concatenate([pairs.top, pairs.bottom])
    other = np.concatenate([pairs.bottom, pairs.top])
    exchange = np.tile(interlayer_mev, 2)
    order = np.argsort(site, kind="stable")
    site, other, exchange = site[order], other[order], exchange[order]
    column = np.arange(len(site)) - np.searchsorted(site, site)
    width = column.max() + 1
    partners = np.tile(np.arange(bilayer.sites)[:, None], (1, width))
    interlayer = np.zeros(partners.shape)
    partners[site, column] = other
    interlayer[site, column] = exchange
    # Column after column: sums over partners read one column at a time.
    return Couplings(
        *(np.asfortranarray(x) for x in (intralayer_neighbours(bilayer), partners, interlayer))
    )


def with_room(couplings: Couplings, *, sites: int, partner_multiple: int) -> Couplings:
    """Return couplings of `sites` sites, and with a multiple of `partner_multiple` partners.

    Added sites come last, have no bonds and are their own neighbours; added partners are coupled
    by 0. Where the spin of an added site is 0, fields, energies and torques are those without it.
    """
    before, partners = couplings.partners.shape
    more, wider = sites - before, -partners % partner_multiple
    own = np.arange(sites)[:, None]
    added = own[before:]
    table = np.concatenate([couplings.partners, np.tile(added, partners)])
    return Couplings(
        np.concatenate([couplings.neighbours, np.tile(added, 3)]),
        np.concatenate([table, np.tile(own, wider)], axis=1),
        np.pad(couplings.interlayer, ((0, more), (0, wider))),
    )


def bonded_sites(couplings: Couplings) -> Array:
    """Return the number of sites that have bonds."""
    alone = couplings.neighbours[:, 0] == np.arange(len(couplings.neighbours))
    return (~alone).sum()


def in_precision(values: Arrays, dtype: Any) -> Arrays:
    """Return a NamedTuple of arrays with its real members cast to `dtype`, others to int32."""
    return jax.tree.map(
        lambda x: x.astype(dtype if np.issubdtype(x.dtype, np.floating) else np.int32), values
    )


def _beside(per_site: Array, values: Array) -> Array:
    """Return `per_site` (site,) with the axes that it needs to go with values (site, ...)."""
    return per_site.reshape((-1,) + (1,) * (values.ndim - 1))


def dot(left: Array, right: Array) -> Array:
    """Return the sum of products over the first axis, such as S.h at each site.

    Written out, because a sum over an axis of two or three is compiled to a slow loop.
    """
    return sum(x * y for x, y in zip(left, right, strict=True))


def sum_over_sites(values: Array) -> Array:
    """Return the sum of values (site, ...) over sites, in their precision.

    Accumulated in float64: a compiler splits the sum differently for other numbers of lanes, and
    in single precision that would show in the result.
    """
    return values.sum(axis=0, dtype=np.float64).astype(values.dtype)


def overlap(left: Array, right: Array) -> Array:
    """Return the sum over components and sites of a product, shape (...)."""
    return sum_over_sites(dot(left, right))


def neighbour_sum(values: Array, couplings: Couplings) -> Array:
    """Return the sum over the three intralayer neighbours of each site, shape (site, ...)."""
    return sum(values[couplings.neighbours[:, k]] for k in range(3))


def interlayer_sum(values: Array, couplings: Couplings) -> Array:
    """Return sum_j lambda J_perp(r_ij) values_j for each site, shape (site, ...)."""
    partners, exchange = couplings.partners, couplings.interlayer
    return sum(
        _beside(exchange[:, k], values) * values[partners[:, k]] for k in range(partners.shape[1])
    )


def effective_field(spins: Array, couplings: Couplings, parameters: Parameters) -> Array:
    """Return -dE/dS of eq. (1) at each spin, shape (component, site, ...), in meV.

    Args:
        spins: unit vectors, shape (component, site, ...).
        couplings: bonds.
        parameters: J and D, each of shape (...).
    """
    field = [
        parameters.intralayer * neighbour_sum(values, couplings) - interlayer_sum(values, couplings)
        for values in spins
    ]
    field[-1] = field[-1] + 2 * parameters.anisotropy * spins[-1]
    return spins.__array_namespace__().stack(field)


def energy(spins: Array, couplings: Couplings, parameters: Parameters) -> Array:
    """Return the energy of eq. (1) per supercell (meV), shape (...).

    All terms are quadratic in S, so E = -1/2 sum_i S_i.h_i.
    """
    return -0.5 * overlap(spins, effective_field(spins, couplings, parameters))


def slope_by_intralayer(spins: Array, couplings: Couplings) -> Array:
    """Return dE/dJ = -sum_<ij> S_i.S_j at fixed spins, shape (...)."""
    neighbours = [neighbour_sum(values, couplings) for values in spins]
    return -0.5 * overlap(spins, neighbours)


def energy_change(displacement: Array, field: Array, new_field: Array) -> Array:
    """Return E(S + displacement) - E(S) in meV, shape (...), to the precision of the displacement.

    For a quadratic form E = -1/2 S.A.S and h = A S the difference is -1/2 (S' - S).(h' + h).
    Subtracting two totals, or two rounded spins, would drown it in rounding near a minimum.
    """
    return -0.5 * overlap(displacement, new_field + field)
