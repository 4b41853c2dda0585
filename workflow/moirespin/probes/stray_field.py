"""The magnetic field above a twisted bilayer, exact in the moire lattice.

A layer is a sheet of moments of areal density M = M_0 S(r), in ampere. The wave G of its potential
at a distance z above it follows from the Coulomb kernel exp(-|G| z) / (2 |G|):

    phi_G = 1/2 exp(-|G| z) (M_z - i G.M / |G|) ,   B = -mu_0 grad phi ,

so that (B_x, B_y, B_z)_G = mu_0 / 2 exp(-|G| z) (-i G_x, -i G_y, |G|) (M_z - i G.M / |G|). The mean
magnetisation, G = 0, has no field outside an endless sheet. Derived here and tested against a sum
over dipoles. ASSUME: the moments sit in the plane of the Cr atoms and are spread evenly over it;
their honeycomb shows in the field within a lattice constant only, as exp(-10.6 z / nm).

Units: nm, microtesla.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from moirespin.probes.waves import PlaneWaves, lengths

BOHR_MAGNETON_A_M2 = 9.2740100657e-24
VACUUM_PERMEABILITY_T_M_PER_A = 1.25663706127e-6
# Cr atoms in a cell of the honeycomb.
ATOMS_PER_CELL = 2


class Sheets(NamedTuple):
    """The two layers as sheets of magnetic moment.

    Attributes:
        moment_density_a: moment per area of a layer with all spins parallel, in ampere.
        layer_spacing_nm: distance of the layers.
    """

    moment_density_a: jax.Array | float
    layer_spacing_nm: jax.Array | float


class Moment(NamedTuple):
    """The moment g mu_B S of each magnetic atom.

    Attributes:
        spin: S, 3/2 for Cr3+.
        g_factor: g.
    """

    spin: float
    g_factor: float


def sheets(moment: Moment, *, lattice_constant_nm: float, layer_spacing_nm: float) -> Sheets:
    """Return the sheets of a honeycomb bilayer with a moment on each magnetic atom.

    Args:
        moment: of an atom.
        lattice_constant_nm: of the honeycomb.
        layer_spacing_nm: distance of the layers.
    """
    area_m2 = np.sqrt(0.75) * (lattice_constant_nm * 1e-9) ** 2
    moment_a_m2 = moment.g_factor * BOHR_MAGNETON_A_M2 * moment.spin
    return Sheets(ATOMS_PER_CELL * moment_a_m2 / area_m2, layer_spacing_nm)


def field_waves(texture: PlaneWaves, magnet: Sheets, height_nm: jax.Array) -> jax.Array:
    """Return the field of both layers at a height above the top one, (component, wave), in uT.

    Args:
        texture: spins of both layers.
        magnet: moments and distance of the layers.
        height_nm: distance from the top layer, above 0.
    """
    length = lengths(texture.wavevectors)
    direction = texture.wavevectors / jnp.where(length > 0, length, 1)[:, None]
    depth = height_nm + jnp.stack([jnp.zeros_like(height_nm * 1.0), magnet.layer_spacing_nm])
    x, y, z = jnp.moveaxis(texture.amplitudes, 1, 0)
    charge = z - 1j * (direction[:, 0] * x + direction[:, 1] * y)
    potential = jnp.sum(jnp.exp(-depth[:, None] * length) * charge, axis=0)
    # 1/nm to 1/m and T to uT.
    scale = 0.5 * VACUUM_PERMEABILITY_T_M_PER_A * magnet.moment_density_a * 1e9 * 1e6
    gradient = jnp.stack([-1j * texture.wavevectors[:, 0], -1j * texture.wavevectors[:, 1], length])
    return scale * gradient * potential
