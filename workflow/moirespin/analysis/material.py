"""Which material a run is about: the paper's numbers are compared with runs of its own only."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# The paper's twisted CrI3, as config.yaml has it; lambda is fitted to the paper's share of FM sets.
LATTICE = {"lattice_constant_nm": 0.6867, "layer_spacing_nm": 0.67}
INTERLAYER = {
    "model": "c3z",
    "scale": 1.157,
    "cutoff_nm": 1.0,
    "c3z": {
        "direct_mev": -0.1,
        "sine_mev": -0.5,
        "cosine_mev": 0.1,
        "direct_distance_nm": 0.67,
        "oscillating_distance_nm": 0.73,
        "direct_decay_nm": 0.01,
        "sine_decay_nm": 0.03,
        "cosine_decay_nm": 0.06,
        "sine_wavevector_per_nm": [7.0, 0.0],
        "cosine_wavevector_per_nm": [17.320508075688775, 10.0],
    },
}
ANOTHER = "another material than the paper's"


class RunMaterial(NamedTuple):
    """The config blocks that make a material.

    Attributes:
        lattice: config block.
        interlayer: config block; models that are not used make no difference.
    """

    lattice: Mapping[str, Any]
    interlayer: Mapping[str, Any]

    @property
    def is_the_papers(self) -> bool:
        """Whether lattice and interlayer exchange are those of the paper."""
        used = {key: self.interlayer.get(key) for key in INTERLAYER}
        return dict(self.lattice) == LATTICE and used == INTERLAYER
