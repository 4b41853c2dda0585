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
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.physics.lattice import Bilayer, InterlayerPairs, intralayer_neighbours


class Couplings(NamedTuple):
    """Bonds of one bilayer, shared by all parameter sets of a twist angle.

    Attributes:
        neighbours: nearest neighbours in the same layer, shape (site, 3).
        partners: interlayer partners, shape (site, k).
        interlayer: lambda J_perp of each partner (meV), positive for antiferromagnetic,
            shape (site, k).
    """

    neighbours: jax.Array
    partners: jax.Array
    interlayer: jax.Array


class Parameters(NamedTuple):
    """Hamiltonian parameters of one set (meV).

    Attributes:
        intralayer: J, positive for ferromagnetic.
        anisotropy: D, positive for an easy axis along z.
    """

    intralayer: jax.Array
    anisotropy: jax.Array


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
    return Couplings(
        jnp.asarray(intralayer_neighbours(bilayer), dtype=jnp.int32),
        jnp.asarray(partners, dtype=jnp.int32),
        jnp.asarray(interlayer),
    )


def in_precision(values, dtype):
    """Return a NamedTuple of arrays with its floating-point members cast to `dtype`."""
    return jax.tree.map(
        lambda x: x.astype(dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, values
    )


def _beside(per_site: jax.Array, values: jax.Array) -> jax.Array:
    """Return `per_site` (site,) with the axes that it needs to go with values (site, ...)."""
    return per_site.reshape((-1,) + (1,) * (values.ndim - 1))


def dot(left, right) -> jax.Array:
    """Return the sum of products over the first axis, such as S.h at each site.

    Written out, because a sum over an axis of two or three is compiled to a slow loop.
    """
    return sum(x * y for x, y in zip(left, right, strict=True))


def sum_over_sites(values: jax.Array) -> jax.Array:
    """Return the sum of values (site, ...) over sites, in their precision.

    Accumulated in float64: a compiler splits the sum differently for other numbers of lanes, and
    in single precision that would show in the result.
    """
    return jnp.sum(values, axis=0, dtype=jnp.float64).astype(values.dtype)


def neighbour_sum(values: jax.Array, couplings: Couplings) -> jax.Array:
    """Return the sum over the three intralayer neighbours of each site, shape (site, ...)."""
    return sum(values[couplings.neighbours[:, k]] for k in range(3))


def interlayer_sum(values: jax.Array, couplings: Couplings) -> jax.Array:
    """Return sum_j lambda J_perp(r_ij) values_j for each site, shape (site, ...)."""
    partners, exchange = couplings.partners, couplings.interlayer
    return sum(
        _beside(exchange[:, k], values) * values[partners[:, k]] for k in range(partners.shape[1])
    )


def effective_field(spins: jax.Array, couplings: Couplings, parameters: Parameters) -> jax.Array:
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
    return jnp.stack(field)


def energy(spins: jax.Array, couplings: Couplings, parameters: Parameters) -> jax.Array:
    """Return the energy of eq. (1) per supercell (meV), shape (...).

    All terms are quadratic in S, so E = -1/2 sum_i S_i.h_i.
    """
    return -0.5 * sum_over_sites(dot(spins, effective_field(spins, couplings, parameters)))


def energy_change(displacement, field, new_field) -> jax.Array:
    """Return E(S + displacement) - E(S) in meV, shape (...), to the precision of the displacement.

    For a quadratic form E = -1/2 S.A.S and h = A S the difference is -1/2 (S' - S).(h' + h).
    Subtracting two totals, or two rounded spins, would drown it in rounding near a minimum.
    """
    return -0.5 * sum_over_sites(dot(displacement, new_field + field))
