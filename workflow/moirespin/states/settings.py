"""What the config says about the calculation, as types that are built once, at the package's door.

Scripts and the command line read the config's blocks with the functions below; everything behind
them is called with these types.
"""

from typing import Any, NamedTuple

from moirespin.physics.hamiltonian import Couplings, couple
from moirespin.physics.interlayer import C3z, InterlayerModel, interlayer_exchange
from moirespin.physics.lattice import Bilayer, Lattice, build_bilayer
from moirespin.physics.stacking import StackingMap, fit_table
from moirespin.solver.relaxation import Solver
from moirespin.states.ground_state import Search
from moirespin.states.parameter_space import Box
from moirespin.states.sweep import Sweep

Block = dict[str, Any]


class Material(NamedTuple):
    """What all twist angles share: the layers and what couples them."""

    lattice: Lattice
    interlayer: InterlayerModel


class Recipe(NamedTuple):
    """How the ground state of a parameter set is found.

    Attributes:
        material: the layers and what couples them.
        search: which starts are relaxed.
        solver: how they are relaxed.
        seed: of random starts and parameters.
    """

    material: Material
    search: Search
    solver: Solver
    seed: int


def read_interlayer(interlayer: Block) -> InterlayerModel:
    """Return the config block `interlayer`; reads the table of the model if it has one.

    Raises:
        ValueError: if the model is unknown or its table cannot be used.
    """
    name = interlayer["model"]
    form: C3z | StackingMap
    if name == "c3z":
        form = C3z(**interlayer[name])
    elif name == "stacking_map":
        form = fit_table(**interlayer[name])
    else:
        raise ValueError(f"interlayer.model is {name!r}: it must be c3z or stacking_map")
    return InterlayerModel(interlayer["scale"], interlayer["cutoff_nm"], form)


def read_material(config: Block) -> Material:
    """Return the config blocks `lattice` and `interlayer`.

    Raises:
        ValueError: as `read_interlayer`.
    """
    return Material(Lattice(**config["lattice"]), read_interlayer(config["interlayer"]))


def read_sweep(sweep: Block) -> Sweep:
    """Return the config block `sweep`."""
    box = Box(tuple(sweep["exchange_mev"]), tuple(sweep["anisotropy_mev"]))
    return Sweep(
        tuple(sweep["twist_indices"]), sweep["sets_per_angle"], sweep["sets_per_shard"], box
    )


def read_search(ground_state: Block) -> Search:
    """Return the config block `ground_state`."""
    return Search(**ground_state | {"structured": tuple(ground_state["structured"])})


def read_recipe(config: Block) -> Recipe:
    """Return the config blocks `lattice`, `interlayer`, `ground_state`, `relax` and `seed`.

    Raises:
        ValueError: as `read_interlayer`.
    """
    return Recipe(
        read_material(config),
        read_search(config["ground_state"]),
        Solver(**config["relax"]),
        config["seed"],
    )


def build_model(twist_index: int, material: Material) -> tuple[Bilayer, Couplings]:
    """Return the bilayer of a twist index and its couplings.

    Raises:
        ValueError: from a bad twist index, cutoff or exchange table.
    """
    bilayer = build_bilayer(twist_index, **material.lattice._asdict())
    pairs, interlayer_mev = interlayer_exchange(bilayer, material.interlayer)
    return bilayer, couple(bilayer, pairs, interlayer_mev)
