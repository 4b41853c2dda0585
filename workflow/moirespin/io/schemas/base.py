"""What all schemas share: names, units, the form of a schema."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from moirespin.physics.lattice import LAYERS

COMPONENTS = ("x", "y", "z")
PARAMETERS = ("twist_angle", "exchange", "anisotropy")
PARAMETER_UNITS = {"twist_angle": "degree", "exchange": "meV", "anisotropy": "meV"}
SPLITS = ("train", "validation", "test")
PHASES = ("FM", "NCD", "MD")
UNDETERMINED = -1
BOUNDARIES = ("FM-NCD", "NCD-MD")


class Variable(NamedTuple):
    """One variable: dimensions, type on disk, unit and meaning.

    Attributes:
        dims, dtype, units, long_name: as the file has them.
        attributes: further ones, such as flags.
        place_in: a dimension with labels, if the values are places along it.
    """

    dims: tuple[str, ...]
    dtype: str
    units: str
    long_name: str
    attributes: dict | None = None
    place_in: str | None = None


class Schema(NamedTuple):
    """What a kind of file holds.

    Attributes:
        name: of the kind.
        format: raised by hand when the meaning of a file changes; rules that read or write such
            files then run again.
        variables: by name.
    """

    name: str
    format: int
    variables: dict[str, Variable]


def flags(meanings: Sequence[str], dtype: str = "i1") -> dict:
    """Return the CF attributes of a variable whose values are places in `meanings`."""
    return {
        "flag_values": np.arange(len(meanings), dtype=dtype),
        "flag_meanings": " ".join(meanings),
    }


def parameters(dim: str) -> dict[str, Variable]:
    """Return the variables that say which parameter sets lie along `dim`."""
    return {
        "twist_index": Variable((dim,), "i4", "1", "commensurate twist index m"),
        "set_number": Variable(
            (dim,), "i4", "1", "number of the parameter set within its twist angle"
        ),
        "twist_angle": Variable((dim,), "f8", "degree", "twist angle theta_m"),
        "exchange": Variable((dim,), "f8", "meV", "intralayer ferromagnetic exchange J"),
        "anisotropy": Variable((dim,), "f8", "meV", "single-ion anisotropy D"),
    }


PHASE_FLAGS = flags(PHASES) | {
    "comment": "-1 where no start of the parameter set gave a finite state"
}
# Labels of dimensions that are not counted but named.
LABELS = {"layer": LAYERS, "component": COMPONENTS, "boundary": BOUNDARIES}
LABELS |= {"parameter": PARAMETERS, "other": PARAMETERS}
LABELS |= {"constant": PARAMETERS[1:], "other_constant": PARAMETERS[1:]}
