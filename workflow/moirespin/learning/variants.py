"""Which trainings differ from those of every run, for the table of choices.

The Snakefile imports this module in every job.
"""

from typing import NamedTuple

from moirespin.learning.changes import Changes

PAPER, JOINT = ("twist_angle", "exchange", "anisotropy"), ("joint",)
BOTH = PAPER + JOINT


class Variant(NamedTuple):
    """One row of the table for each kind of networks.

    Attributes:
        choice: what is chosen.
        value: how it is chosen here.
        changes: against every run.
        networks: those that are trained.
        scaling: of the inputs of the paper's networks; other than `pixel`, they are those of the
            study of inputs.
    """

    choice: str
    value: str
    changes: Changes = Changes()
    networks: tuple[str, ...] = BOTH
    scaling: str = "pixel"


def _free(*parts: str, networks: tuple[str, ...]) -> Variant:
    return Variant("gauge", f"{', '.join(parts)} free", Changes(free=parts), networks)


def _scaled(scaling: str, value: str) -> Variant:
    return Variant("input scaling", value, networks=PAPER, scaling=scaling)


# Networks of those with `split` or no changes at all are the run's own, and are not trained again.
VARIANTS = {
    "run": Variant("none", "as in every run"),
    "threshold_0999": Variant("FM threshold", "0.999", Changes(ferromagnetic=0.999)),
    "threshold_099": Variant("FM threshold", "0.99", Changes(ferromagnetic=0.99)),
    "sign": _free("sign", networks=JOINT),
    "layer": _free("layer", networks=JOINT),
    "rotation": _free("rotation", networks=JOINT),
    "gauge": _free("sign", "layer", "rotation", networks=BOTH),
    "floor": _scaled("floor", "per pixel, deviation at least 0.1"),
    "layerwise": _scaled("layer", "per layer"),
    "raw": _scaled("raw", "none"),
    "absolute": Variant("loss", "absolute error", Changes(learns="absolute"), PAPER),
    "same_angles": Variant("split", "by set, at the angles below", Changes(split="same angles")),
    "angle": Variant("split", "by angle", Changes(split="angle")),
}
# What the joint network differs in from the paper's: all eight of them, without and with noise.
LOSSES = {"squared": "squared error", "logarithmic": "absolute error of logarithms"}
SIGHTS = {"spin": "spins", "tilt": "tilts"}
KINDS = {"paper": PAPER, "joint": JOINT}
OWN = {("paper", "spin", "squared", False), ("joint", "tilt", "logarithmic", False)}
VARIANTS |= {
    f"{kind}_{sees}_{learns}" + ("_noisy" if noisy else ""): Variant(
        "joint network's gain" + (", noise in training" if noisy else ""),
        f"{seen}, {learnt}",
        Changes(sees=sees, learns=learns, noisy=noisy),
        networks,
    )
    for noisy in (False, True)
    for kind, networks in KINDS.items()
    for sees, seen in SIGHTS.items()
    for learns, learnt in LOSSES.items()
    if (kind, sees, learns, noisy) not in OWN
}


def is_trained(variant: Variant) -> bool:
    """Return whether a variant has networks of its own, which are neither the run's nor others'."""
    kept = Changes(), Changes(split="same angles")
    return variant.scaling == "pixel" and variant.changes not in kept
